// Writes the tables of docs/side-by-side.md from the figures of `npm run bench -- side-by-side`:
// node scripts/side-by-side-table.ts bench/results/side-by-side.json --write docs/side-by-side.md
import { readFileSync, writeFileSync } from 'node:fs';
import type { SideBySideFigures, SideBySideResult } from '../bench/side-by-side/figures.ts';
import { withBetweenMarkers } from './between-markers.ts';
import { markdownTable } from './markdown-table.ts';

const APPLICATION_ALONE = 'none';

/** What is compared, and how each cell is written. */
const LINES: readonly (readonly [title: string, cell: (result: SideBySideResult) => string])[] = [
  ['requests with their route (one is a 404)', ({ shown }) => `${shown.routes} of ${shown.requests}`],
  ['routes in `http.server.request.duration`', ({ shown }) => String(shown.routeSeries)],
  ['queries and commands in requests', ({ shown }) => String(shown.queries)],
  ['`db.client.operation.duration`', ({ shown }) => (shown.databaseDurations ? 'yes' : 'no')],
  ['GraphQL operations', ({ shown }) => String(shown.graphql)],
  ['log records, of these in a request', ({ shown }) => `${shown.logRecords}, ${shown.logRecordsInRequests}`],
  ['exception on the failed request', ({ shown }) => (shown.errorOnRequest ? 'yes' : 'no')],
  ['a log record of that exception', ({ shown }) => (shown.errorRecord ? 'yes' : 'no')],
  ['spans of middleware and handlers', ({ shown }) => String(shown.layers)],
  ['spans of connecting (pool, TCP, DNS)', ({ shown }) => String(shown.connecting)],
  ['traces that are no request', ({ shown }) => String(shown.otherTraces)],
  ['all spans', ({ shown }) => String(shown.spans)],
  ['stdout of the application', ({ stdoutIsSame }) => (stdoutIsSame ? 'the same' : '**changed**')],
  ['lines on stderr', ({ stderrLines }) => String(stderrLines)],
  ['ends of SIGTERM with', ({ sigterm }) => sigterm],
  ['CPU time until it listens, to that without', ({ startCpuRatio }) => `${startCpuRatio.toFixed(2)} ×`],
  ['memory after the requests, added', ({ endMegabytesAdded }) => `${endMegabytesAdded.toFixed(0)} MB`],
];

function tables({ rows, applications, contention, measuredAt, machine, rounds }: SideBySideFigures): string {
  const names = rows.map(({ name }) => name);
  const compared = names.filter((name) => name !== APPLICATION_ALONE);
  const sections = applications.map(({ shop, results }) => {
    const title = `### ${shop.framework === 'express' ? 'Express 5' : 'Fastify 5'}, ${shop.modules === 'mjs' ? 'ES modules' : 'CommonJS'}`;
    const cells = LINES.map(([line, cell]) => [
      line,
      ...names.map((name) => {
        const result = results.find(({ row }) => row === name);
        return result === undefined ? '' : cell(result);
      }),
    ]);
    return `${title}\n\n${markdownTable(['', ...names], cells)}`;
  });
  const places = contention.map(({ client, results }) => [
    client,
    ...compared.map((name) => {
      const result = results.find(({ row }) => row === name);
      if (result === undefined) return '';
      const { wrong, alone, all } = result;
      return `${wrong === 0 ? '0' : `**${wrong}**`} of ${all}${alone === 0 ? '' : ` (${alone} in none)`}`;
    }),
  ]);
  return [
    `Measured on ${measuredAt.slice(0, 10)} with Node ${machine.node} (${machine.platform}); times and memory are medians of ${rounds} rounds, each against the application alone in the same round.`,
    markdownTable(
      ['', 'package', 'set-up'],
      rows.map(({ name, package: of, setUp }) => [name, of ?? '', setUp]),
    ),
    ...sections,
    '### Eight requests at a time that share one connection',
    'Queries, and calls of another server made after them, that are in **another request’s trace**:',
    markdownTable(['', ...compared], places),
  ].join('\n\n');
}

function main(): void {
  const [figuresFile, option, file, ...rest] = process.argv.slice(2);
  if (figuresFile === undefined || option !== '--write' || file === undefined || rest.length > 0) {
    console.error('Usage: node scripts/side-by-side-table.ts FIGURES --write FILE');
    process.exitCode = 2;
    return;
  }
  const figures: SideBySideFigures = JSON.parse(readFileSync(figuresFile, 'utf8'));
  writeFileSync(
    file,
    withBetweenMarkers(readFileSync(file, 'utf8'), 'side-by-side', () => tables(figures)),
  );
  console.log(`${file}: written`);
}

main();

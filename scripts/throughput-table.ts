// Writes the tables of docs/performance.md and the plot beside it from the figures of `npm run bench -- throughput`:
// node scripts/throughput-table.ts bench/results/throughput.json --write docs/performance.md --plot docs/throughput.svg
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import {
  ratioOf,
  SUMMARY_HEADER,
  summaryOf,
  type ScenarioFigures,
  type ThroughputFigures,
} from '../bench/throughput/summary.ts';
import { withBetweenMarkers } from './between-markers.ts';
import { markdownTable } from './markdown-table.ts';

function tables({ scenarios, measuredAt, machine, rounds, seconds, isPinned }: ThroughputFigures): string {
  const pinned = isPinned ? 'the server pinned to one core, load and backend on the other' : 'nothing pinned to a core';
  return [
    `Measured on ${measuredAt.slice(0, 10)} with Node ${machine.node} (${machine.platform}, ${machine.cores} cores of ${machine.cpu}), ${pinned}; medians of ${rounds} rounds of ${seconds} s, each against bare Node in the same round.`,
    ...scenarios.map((scenario) => `### ${heading(scenario)}\n\n${markdownTable(SUMMARY_HEADER, summaryOf(scenario))}`),
  ].join('\n\n');
}

function heading({ title }: ScenarioFigures): string {
  return `${title.charAt(0).toUpperCase()}${title.slice(1)}`;
}

const [LABELS, BAR, LINE] = [230, 420, 26] as const;

/** Horizontal bars: requests per second of the first scenario, to those of bare Node. */
function plot({ scenarios }: ThroughputFigures): string {
  const rows = scenarios[0]?.rows ?? [];
  const bars = rows.map(({ name, samples }, index) => {
    const ratio = ratioOf(samples, rows[0]?.samples ?? []);
    const y = 34 + index * LINE;
    const fill = name.startsWith('swansong') ? '#d9480f' : '#868e96';
    return [
      `<text x="${LABELS - 8}" y="${y + 14}" text-anchor="end">${name}</text>`,
      `<rect x="${LABELS}" y="${y}" width="${(ratio * BAR).toFixed(1)}" height="18" fill="${fill}"/>`,
      `<text x="${(LABELS + ratio * BAR + 6).toFixed(1)}" y="${y + 14}">${ratio.toFixed(2)}</text>`,
    ].join('\n');
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${LABELS + BAR + 60}" height="${44 + rows.length * LINE}" font-family="sans-serif" font-size="13">`,
    `<rect width="100%" height="100%" fill="white"/>`,
    `<text x="8" y="20" font-weight="bold">Requests per second, to bare Node: ${scenarios[0]?.title ?? ''}</text>`,
    ...bars,
    '</svg>\n',
  ].join('\n');
}

function main(): void {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { write: { type: 'string' }, plot: { type: 'string' } },
  });
  const [figuresFile, ...rest] = positionals;
  if (figuresFile === undefined || rest.length > 0 || values.write === undefined || values.plot === undefined) {
    console.error('Usage: node scripts/throughput-table.ts FIGURES --write FILE --plot FILE');
    process.exitCode = 2;
    return;
  }
  const figures: ThroughputFigures = JSON.parse(readFileSync(figuresFile, 'utf8'));
  const text = readFileSync(values.write, 'utf8');
  writeFileSync(
    values.write,
    withBetweenMarkers(text, 'throughput', () => tables(figures)),
  );
  writeFileSync(values.plot, plot(figures));
  console.log(`${values.write}, ${values.plot}: written`);
}

main();

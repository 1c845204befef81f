import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { interleave, samplesOf } from '../harness/rounds.ts';
import { projectFolder } from '../harness/paths.ts';
import { writeResults } from '../harness/results.ts';
import { median, paired } from '../harness/statistics.ts';
import { fixed, formatTable } from '../harness/table.ts';
import { type Ports, withDatabases } from './databases.ts';
import type { SideBySideFigures, SideBySideResult } from './figures.ts';
import { Receiver } from './receiver.ts';
import { endOfSigterm, runShop, type Shop, type ShopRun } from './shop-run.ts';
import { type PreloadRow, preloadRows } from './side-by-side-rows.ts';
import { type Placed, placesOf, type Shown, whatIsShown } from './what-is-shown.ts';

const SHOPS: readonly Shop[] = [
  { framework: 'express', modules: 'mjs' },
  { framework: 'express', modules: 'cjs' },
  { framework: 'fastify', modules: 'mjs' },
  { framework: 'fastify', modules: 'cjs' },
];
const CONTENDERS = ['pg, promises', 'pg, callbacks', 'mysql2, promises', 'mysql2, callbacks'];
const CONTENDING_REQUESTS = 8;

/** The same application with each distribution: what it shows of ten requests, what it costs, and what it changes. */
export async function sideBySide(rounds = 3): Promise<void> {
  const rows = preloadRows();
  await withDatabases(async (ports) => {
    const applications = [];
    for (const shop of SHOPS) applications.push({ shop, results: await compare(shop, rows, ports, rounds) });
    const contention = [];
    for (const client of CONTENDERS) contention.push({ client, results: await contend(client, rows, ports) });
    const figures: Omit<SideBySideFigures, 'measuredAt' | 'machine'> = {
      rounds,
      rows: rows.map(({ name, package: of, setUp }) => ({ name, package: of, setUp })),
      applications,
      contention,
    };
    await writeResults('side-by-side', figures);
  });
}

interface Sample {
  readonly run: ShopRun;
  readonly shown: Shown;
}

async function compare(
  shop: Shop,
  rows: readonly PreloadRow[],
  ports: Ports,
  rounds: number,
): Promise<readonly SideBySideResult[]> {
  const samples = await interleave(rows, rounds, async (row): Promise<Sample> => {
    const receiver = await Receiver.start();
    try {
      const run = await runShop(shop, row, ports, receiver);
      return { run, shown: whatIsShown(receiver) };
    } finally {
      await receiver.stop();
    }
  });
  const [none] = rows;
  if (none === undefined) throw new Error('sideBySide: expected the application alone as the first row');
  const bare = samplesOf(samples, none);
  const compared = async (row: PreloadRow): Promise<SideBySideResult> => {
    const own = samplesOf(samples, row);
    const against = (of: (run: ShopRun) => number, combine: (a: number, b: number) => number): number =>
      median(
        paired(
          own.map(({ run }) => of(run)),
          bare.map(({ run }) => of(run)),
          combine,
        ),
      );
    const last = own.at(-1);
    if (last === undefined) throw new Error('sideBySide: expected at least one round');
    const receiver = await Receiver.start();
    const sigterm = await endOfSigterm(shop, row, ports, receiver.url);
    await receiver.stop();
    return {
      row: row.name,
      shown: last.shown,
      stdoutIsSame: JSON.stringify(last.run.stdout) === JSON.stringify(bare.at(-1)?.run.stdout),
      stderrLines: last.run.stderr.split('\n').filter((line) => line !== '').length,
      code: last.run.code,
      sigterm,
      startCpuRatio: against(
        ({ startCpuMillis }) => startCpuMillis,
        (a, b) => a / b,
      ),
      startCpuMillis: median(own.map(({ run }) => run.startCpuMillis)),
      endMegabytesAdded: against(
        ({ endMegabytes }) => endMegabytes,
        (a, b) => a - b,
      ),
    };
  };
  const results: SideBySideResult[] = [];
  for (const row of rows) results.push(await compared(row));
  print(shop, results);
  return results;
}

/** Requests at a time that share the one connection of a pool. */
async function contend(
  client: string,
  rows: readonly PreloadRow[],
  ports: Ports,
): Promise<readonly ({ readonly row: string } & Placed)[]> {
  const results = [];
  for (const row of rows) {
    if (row.package === undefined) continue;
    const receiver = await Receiver.start();
    const port = client.startsWith('pg') ? ports.postgresql : ports.mariadb;
    const child = spawn(
      process.execPath,
      [
        ...row.nodeArguments(false),
        join(projectFolder, 'test/fixtures/contention.mjs'),
        client,
        String(port),
        String(CONTENDING_REQUESTS),
      ],
      {
        env: {
          PATH: process.env['PATH'],
          HOME: process.env['HOME'],
          OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
          ...row.environment,
        },
        stdio: 'ignore',
      },
    );
    await once(child, 'close');
    await receiver.untilQuiet();
    results.push({ row: row.name, ...placesOf(receiver) });
    await receiver.stop();
  }
  const told = results.map(({ row, wrong, alone, all }) => `${row} ${wrong} wrong, ${alone} alone, of ${all}`);
  console.log(`\n${client}: ${told.join('; ')}`);
  return results;
}

function print({ framework, modules }: Shop, results: readonly SideBySideResult[]): void {
  console.log(`\n${framework}, ${modules === 'mjs' ? 'ES modules' : 'CommonJS'}\n`);
  console.log(
    formatTable(
      ['', 'spans', 'routes', 'queries', 'graphql', 'layers', 'connecting', 'logs', 'start', 'MB', 'stdout', 'SIGTERM'],
      results.map(({ row, shown, startCpuRatio, endMegabytesAdded, stdoutIsSame, sigterm }) => [
        row,
        String(shown.spans),
        `${shown.routes}/${shown.requests}`,
        String(shown.queries),
        String(shown.graphql),
        String(shown.layers),
        String(shown.connecting),
        `${shown.logRecordsInRequests}/${shown.logRecords}`,
        fixed(startCpuRatio, 2),
        fixed(endMegabytesAdded),
        stdoutIsSame ? 'same' : 'changed',
        sigterm,
      ]),
    ),
  );
}

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeResults } from '../harness/results.ts';
import { auto, bare, nodeSdk, prepareRows, rowEnvironment, swansong, type Row } from '../harness/rows.ts';
import { interleave, samplesOf } from '../harness/rounds.ts';
import { spawnProgram, type ProgramRun } from '../harness/spawn-program.ts';
import { startSink } from '../harness/start-sink.ts';
import { median, paired, quantile } from '../harness/statistics.ts';
import { fixed, formatTable, signed } from '../harness/table.ts';

/** swansong may add at most this share of what the hand-written NodeSDK preload adds. */
const GOAL = 0.25;
const RSS_ROUNDS = 5;

interface Scenario {
  readonly title: string;
  readonly program: string;
  readonly millis: (run: ProgramRun) => number;
}

const wholeProcess = (run: ProgramRun): number => run.wallMillis;
const untilListening = (run: ProgramRun): number => run.firstOutputMillis ?? NaN;
const app = (name: string): string => fileURLToPath(new URL(`apps/${name}`, import.meta.url));

const scenarios: readonly Scenario[] = [
  { title: 'empty ESM script, whole process', program: app('empty.mjs'), millis: wholeProcess },
  {
    title: 'ESM http server, spawn to listening',
    program: app('server.mjs'),
    millis: untilListening,
  },
  {
    title: 'CommonJS http server, spawn to listening',
    program: app('server.cjs'),
    millis: untilListening,
  },
];

/** Wall time and memory that each preload adds to plain Node, in the same rounds. */
export async function startup(rounds = 15): Promise<void> {
  const rows = prepareRows([bare, swansong, nodeSdk, auto]);
  const sink = await startSink();
  const cacheFolder = await mkdtemp(join(tmpdir(), 'bench-compile-cache-'));
  const figures: object[] = [];
  try {
    for (const cached of [false, true]) {
      // A separate folder for each row: with a shared one, one row would fill the caches for another.
      const environment = (row: Row): NodeJS.ProcessEnv =>
        rowEnvironment(
          row,
          sink.url,
          cached ? { NODE_COMPILE_CACHE: join(cacheFolder, row.name.replaceAll(' ', '-')) } : {},
        );
      for (const scenario of scenarios) {
        const runs = await interleave(
          rows,
          rounds,
          async (row) => scenario.millis(await spawnProgram(row, scenario.program, [], environment(row))),
          cached ? 2 : 1,
        );
        const title = `${scenario.title}${cached ? ', NODE_COMPILE_CACHE' : ''}`;
        console.log(`\n${title} (${rounds} rounds, Node ${process.version})\n`);
        figures.push({ title, ...report(rows, runs) });
      }
    }
    figures.push(await measureRss(rows, sink.url));
  } finally {
    await sink.stop();
    await rm(cacheFolder, { recursive: true, force: true });
  }
  await writeResults('startup', { rounds, goal: GOAL, scenarios: figures });
}

function report(rows: readonly Row[], runs: ReadonlyMap<Row, number[]>): object {
  const base = samplesOf(runs, bare);
  const addedBy = (row: Row): number[] => paired(samplesOf(runs, row), base, (wall, bareWall) => wall - bareWall);
  const byHand = addedBy(nodeSdk);
  const shareOf = (row: Row): number => median(paired(addedBy(row), byHand, (added, reference) => added / reference));
  console.log(
    formatTable(
      ['', 'ms', 'added ms', 'p25 … p75', 'x bare', 'added / by hand'],
      rows.map((row) => {
        const added = addedBy(row);
        const wall = fixed(median(samplesOf(runs, row)), 1);
        if (row === bare) return [row.name, wall, '', '', '1.00', ''];
        return [
          row.name,
          wall,
          signed(median(added), 1),
          `${fixed(quantile(added, 0.25), 1)} … ${fixed(quantile(added, 0.75), 1)}`,
          fixed(median(paired(samplesOf(runs, row), base, (a, b) => a / b)), 2),
          fixed(shareOf(row), 3),
        ];
      }),
    ),
  );
  if (rows.includes(swansong)) {
    const share = shareOf(swansong);
    console.log(`goal: added / by hand at most ${GOAL}: ${share <= GOAL ? 'met' : 'NOT met'} (${fixed(share, 3)})`);
  }
  return {
    rows: rows.map((row) => ({
      name: row.name,
      medianMillis: median(samplesOf(runs, row)),
      addedMillis: median(addedBy(row)),
      addedShareOfNodeSdk: shareOf(row),
      samplesMillis: samplesOf(runs, row),
    })),
  };
}

async function measureRss(rows: readonly Row[], backendUrl: string): Promise<object> {
  const title = 'peak RSS of an empty ESM script';
  const runs = await interleave(rows, RSS_ROUNDS, async (row) => {
    const { stdout } = await spawnProgram(row, app('rss.mjs'), [], rowEnvironment(row, backendUrl));
    return (Number(stdout) * 1024) / 1e6;
  });
  const base = samplesOf(runs, bare);
  console.log(`\n${title} (${RSS_ROUNDS} rounds)\n`);
  console.log(
    formatTable(
      ['', 'MB', 'added MB'],
      rows.map((row) => [
        row.name,
        fixed(median(samplesOf(runs, row))),
        row === bare ? '' : signed(median(paired(samplesOf(runs, row), base, (a, b) => a - b))),
      ]),
    ),
  );
  return {
    title,
    rows: rows.map((row) => ({ name: row.name, samplesMegabytes: samplesOf(runs, row) })),
  };
}

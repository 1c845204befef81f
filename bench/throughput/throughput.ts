import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { installFolder } from '../harness/install-peers.ts';
import { projectFolder, registerFile } from '../harness/paths.ts';
import { writeResults } from '../harness/results.ts';
import { interleave, samplesOf } from '../harness/rounds.ts';
import { startSink, type Sink } from '../harness/start-sink.ts';
import { formatTable } from '../harness/table.ts';
import { buildRevision } from './build-revision.ts';
import { isPinned } from './cores.ts';
import { type Handler, serve } from './served.ts';
import { type ScenarioFigures, SUMMARY_HEADER, summaryOf } from './summary.ts';
import { bareRow, nodeSdkRow, peerRows, swansongRow, type ThroughputRow } from './throughput-rows.ts';

export interface ThroughputOptions {
  /** Only the empty handler, against NodeSDK by hand: two minutes. */
  readonly quick: boolean;
  /** A commit of ours to compare with. */
  readonly against: string | undefined;
}

interface Scenario {
  readonly title: string;
  readonly handler: Handler;
  readonly environment: Readonly<Record<string, string>>;
  readonly rows: readonly ThroughputRow[];
}

const SAMPLING_OFF = { OTEL_TRACES_SAMPLER: 'always_off' };

/** What a request costs more than without, and how many a server answers: each row in turn, in each round. */
export async function throughput(givenRounds: number | undefined, options: ThroughputOptions): Promise<void> {
  const rounds = givenRounds ?? (options.quick ? 2 : 4);
  const seconds = options.quick ? 4 : 6;
  if (!existsSync(registerFile)) throw new Error(`${registerFile} does not exist (npm run build)`);
  execFileSync(join(projectFolder, 'scripts/debian-package.sh'), ['wrk', 'wrk'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const revision = options.against === undefined ? undefined : buildRevision(options.against);
  const earlier = revision === undefined ? [] : [swansongRow(`swansong ${options.against}`, revision.registerFile)];
  const sink = await startSink();
  const figures: ScenarioFigures[] = [];
  try {
    for (const scenario of scenariosOf(options.quick, earlier)) {
      figures.push(await measure(scenario, rounds, seconds, sink));
    }
  } finally {
    await sink.stop();
    revision?.remove();
  }
  await writeResults('throughput', { rounds, seconds, isPinned, scenarios: figures });
}

function scenariosOf(quick: boolean, earlier: readonly ThroughputRow[]): readonly Scenario[] {
  const own = [bareRow, swansongRow(), ...earlier];
  const empty = { handler: 'empty', environment: {} } as const;
  if (quick) {
    installFolder('nodesdk');
    return [{ title: 'empty handler', ...empty, rows: [...own, nodeSdkRow] }];
  }
  const peers = peerRows();
  const otlpPeers = peers.filter(({ name }) =>
    ['NodeSDK by hand + http', 'auto-instrumentations', 'EDOT'].includes(name),
  );
  return [
    { title: 'empty handler', ...empty, rows: [...own, ...peers] },
    { title: 'empty handler, sampling off', handler: 'empty', environment: SAMPLING_OFF, rows: [...own, ...otlpPeers] },
    {
      title: 'empty handler, JSON',
      handler: 'empty',
      environment: { OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' },
      rows: [...own, nodeSdkRow],
    },
    { title: '5 ms of awaited work', handler: 'wait', environment: {}, rows: [...own, nodeSdkRow] },
    { title: 'Express 5 with a route', handler: 'express', environment: {}, rows: [...own, ...otlpPeers] },
  ];
}

async function measure(
  { title, handler, environment, rows }: Scenario,
  rounds: number,
  seconds: number,
  sink: Sink,
): Promise<ScenarioFigures> {
  const counted = environment === SAMPLING_OFF ? rows.map((row) => ({ ...row, isCounted: false })) : rows;
  const runs = await interleave(counted, rounds, (row) => serve(row, handler, seconds, sink, environment), 0);
  const figures = { title, rows: counted.map((row) => ({ name: row.name, samples: samplesOf(runs, row) })) };
  const where = `Node ${process.version}, server ${isPinned ? '' : 'not '}pinned to a core`;
  console.log(`\n${title} (${rounds} rounds of ${seconds} s, ${where})\n`);
  console.log(formatTable(SUMMARY_HEADER, summaryOf(figures)));
  return figures;
}

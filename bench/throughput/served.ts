import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { benchFolder } from '../harness/paths.ts';
import type { Sink } from '../harness/start-sink.ts';
import { onServerCore } from './cores.ts';
import { load, type Load } from './load.ts';
import type { ThroughputRow } from './throughput-rows.ts';

export type Handler = 'empty' | 'wait' | 'express';

export interface Served extends Load {
  /** Microseconds of CPU time of the server's process for each request. */
  readonly cpuMicros: number;
  /** After the load. */
  readonly rssMegabytes: number;
  /** In percent of the requests, the warm-up's included. Undefined where the sink cannot count them. */
  readonly spansReceived: number | undefined;
}

interface Usage {
  readonly cpuMicros: number;
  readonly rssBytes: number;
}

/** Every handler answers it. */
const PATH = '/items/1?a=b';
const WARM_UP_SECONDS = 2;
/** Without a new span for this long, the rest is lost. */
const QUIET_MILLIS = 6000;

/** Starts a server with a row's preload, and puts load on it. */
export async function serve(
  row: ThroughputRow,
  handler: Handler,
  seconds: number,
  sink: Sink,
  environment: Readonly<Record<string, string>>,
): Promise<Served> {
  await sink.reset();
  const program = fileURLToPath(new URL('serve.cjs', import.meta.url));
  const [command, parameters] = onServerCore(process.execPath, [...row.nodeArguments, program, handler]);
  const child = spawn(command, parameters, {
    cwd: row.folder ?? benchFolder,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...row.environment(sink.url), ...environment },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  try {
    if (child.stdout === null) throw new Error(`${row.name}: no standard output`);
    const exited = once(child, 'exit').then(() => undefined);
    const lines = createInterface({ input: child.stdout });
    const first = await Promise.race([once(lines, 'line'), exited]);
    if (first === undefined) throw new Error(`${row.name}: ended before it listened`);
    const usage = async (): Promise<Usage> => {
      const answer = once(child, 'message');
      child.send('usage');
      const [message]: Usage[] = await answer;
      if (message === undefined) throw new Error(`${row.name}: no answer`);
      return message;
    };
    const url = `http://127.0.0.1:${String(first[0])}${PATH}`;
    const warmUp = await load(url, WARM_UP_SECONDS);
    const before = await usage();
    const measured = await load(url, seconds);
    const after = await usage();
    const requests = warmUp.requests + measured.requests;
    return {
      ...measured,
      cpuMicros: (after.cpuMicros - before.cpuMicros) / measured.requests,
      rssMegabytes: after.rssBytes / 1e6,
      spansReceived: row.isCounted ? ((await received(sink, requests)) / requests) * 100 : undefined,
    };
  } finally {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  }
}

async function received(sink: Sink, expected: number): Promise<number> {
  let last = -1;
  let since = performance.now();
  for (;;) {
    const { spans } = await sink.counts();
    if (spans >= expected) return spans;
    if (spans !== last) since = performance.now();
    last = spans;
    if (performance.now() - since > QUIET_MILLIS) return spans;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

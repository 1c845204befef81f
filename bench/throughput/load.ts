import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const CONNECTIONS = 32;
const MILLIS: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1000 };

export interface Load {
  readonly requests: number;
  readonly requestsPerSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

/** Puts load on a server with wrk: one thread, 32 connections. @throws Error for a response that is not 2xx */
export async function load(url: string, seconds: number): Promise<Load> {
  const { stdout } = await run('wrk', ['-t1', `-c${CONNECTIONS}`, `-d${seconds}s`, '--latency', url]);
  if (/Non-2xx|Socket errors: (?!connect 0, read 0, write 0, timeout 0)/.test(stdout))
    throw new Error(`wrk: ${stdout}`);
  const found = (pattern: RegExp): RegExpExecArray => {
    const match = pattern.exec(stdout);
    if (match === null) throw new Error(`wrk: expected ${pattern.source} (got ${JSON.stringify(stdout)})`);
    return match;
  };
  const percentile = (percent: number): number => {
    const [, value, unit = 'ms'] = found(new RegExp(String.raw`^\s+${percent}%\s+([\d.]+)(us|ms|s)$`, 'm'));
    return Number(value) * (MILLIS[unit] ?? NaN);
  };
  return {
    requests: Number(found(/(\d+) requests in/)[1]),
    requestsPerSecond: Number(found(/Requests\/sec:\s+([\d.]+)/)[1]),
    p50: percentile(50),
    p99: percentile(99),
  };
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const sinkFile = fileURLToPath(new URL('sink.ts', import.meta.url));

export interface SinkCounts {
  readonly requests: number;
  /** As received, compressed if the client compresses. */
  readonly bytes: number;
  readonly spans: number;
  /** Of these, those in requests whose 200 was handed to the operating system. */
  readonly acknowledgedSpans: number;
  /** Number of different span ids: less than `spans` if something was sent twice. */
  readonly distinctSpans: number;
  /** Log records whose event name is `exception`. */
  readonly exceptions: number;
}

export interface Sink {
  readonly url: string;
  counts(): Promise<SinkCounts>;
  /** The ids of the spans' parents. */
  parents(): Promise<readonly string[]>;
  reset(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a backend in a child process. It answers `status` after `latencyMillis`, any number of requests in parallel. */
export async function startSink(latencyMillis = 0, status = 200): Promise<Sink> {
  const child = spawn(process.execPath, [sinkFile, String(latencyMillis), String(status)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const killChild = (): void => void child.kill('SIGKILL');
  process.once('exit', killChild);
  const exited = once(child, 'exit');
  const lines = createInterface({ input: child.stdout });
  const first = await Promise.race([once(lines, 'line'), exited.then(() => undefined)]);
  if (first === undefined) throw new Error('the sink ended before it listened');
  const url = `http://127.0.0.1:${String(first[0])}`;
  return {
    url,
    counts: async () => {
      const counts: SinkCounts = JSON.parse(await (await fetch(`${url}/counts`)).text());
      return counts;
    },
    parents: async () => {
      const parents: readonly string[] = JSON.parse(await (await fetch(`${url}/parents`)).text());
      return parents;
    },
    reset: async () => {
      await (await fetch(`${url}/counts`, { method: 'DELETE' })).text();
    },
    stop: async () => {
      process.removeListener('exit', killChild);
      killChild();
      await exited;
    },
  };
}

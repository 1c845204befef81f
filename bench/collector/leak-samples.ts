import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { projectFolder } from '../harness/paths.ts';
import { CONTENT_TYPES, MadeRequest } from './made-requests.ts';

/** Measured after a forced garbage collection, with no request running. In bytes. */
interface MemorySample {
  readonly requests: number;
  readonly heapUsed: number;
  readonly external: number;
  readonly rss: number;
  readonly resources: number;
}

export interface LeakRun {
  readonly samples: readonly MemorySample[];
  /** Requests that were not answered 200. */
  readonly failed: number;
  readonly stderrLines: number;
}

const CONNECTIONS = 8;
const SPANS = 1;
const printMemory = fileURLToPath(new URL('print-memory.mjs', import.meta.url));

/** Samples of one collector that rotates and removes files: the first after the warm-up, then one after every step. */
export async function leakSamples(warmUp: number, step: number, steps: number): Promise<LeakRun> {
  const folder = await mkdtemp(join(tmpdir(), 'swansong-leak-'));
  const command = [join(projectFolder, 'dist/cli.mjs'), 'collector', '--port', '0', '--dir', folder];
  const files = ['--rotate-size', '256KiB', '--max-total-size', '3MiB'];
  const child = spawn(
    process.execPath,
    ['--expose-gc', '--import', printMemory, ...command, ...files, '--self-metrics-http', '0'],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { PATH: process.env['PATH'] } },
  );
  const killChild = (): void => void child.kill('SIGKILL');
  process.once('exit', killChild);
  let stderrLines = 0;
  createInterface({ input: child.stderr }).on('line', () => (stderrLines += 1));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const lineWith = async (text: string): Promise<string> => {
    for (;;) {
      const { value, done } = await lines.next();
      if (done === true) throw new Error(`the collector ended before ${text}`);
      if (value.includes(text)) return value;
    }
  };
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  try {
    const url = (await lineWith('listening on')).replace(/^.* /, '');
    const selfUrl = (await lineWith('self-metrics at')).replace(/^.* /, '');
    const samples: MemorySample[] = [];
    let failed = 0;
    let sent = 0;
    while (samples.length <= steps) {
      const until = sent + (samples.length === 0 ? warmUp : step);
      failed += await send(`${url}/v1/traces`, agent, sent, until);
      sent = until;
      await (await fetch(selfUrl, { headers: { connection: 'close' } })).arrayBuffer();
      child.kill('SIGUSR2');
      const sample: Omit<MemorySample, 'requests'> = JSON.parse((await lineWith('memory ')).replace('memory ', ''));
      samples.push({ requests: sent, ...sample });
    }
    return { samples, failed, stderrLines };
  } finally {
    agent.destroy();
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    await exited;
    process.removeListener('exit', killChild);
    await rm(folder, { recursive: true, force: true });
  }
}

/** @returns the number of requests that were not answered 200 */
async function send(url: string, agent: Agent, from: number, until: number): Promise<number> {
  const made = new MadeRequest('json', SPANS);
  let next = from;
  let failed = 0;
  const post = (body: Buffer): Promise<number> =>
    new Promise((resolve, reject) => {
      const headers = { 'content-type': CONTENT_TYPES.json, 'content-length': body.length };
      httpRequest(url, { agent, method: 'POST', headers }, (response) => {
        response
          .resume()
          .on('error', reject)
          .on('end', () => resolve(response.statusCode ?? 0));
      })
        .on('error', reject)
        .end(body);
    });
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      while (next < until) {
        next += 1;
        if ((await post(made.numbered(next))) !== 200) failed += 1;
      }
    }),
  );
  return failed;
}

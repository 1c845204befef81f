import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { createInterface } from 'node:readline';
import type { Row } from '../harness/rows.ts';

/** Milliseconds that `docker stop` waits before it kills. */
export const KILL_MILLIS = 10_000;

export interface Termination {
  /** Requests whose handler had been called when SIGTERM was sent. */
  readonly accepted: number;
  /** Of these, those whose complete response arrived. */
  readonly answered: number;
  /** The parent span ids that were sent with them. */
  readonly parents: readonly string[];
  /** The same for as many requests that were answered before SIGTERM. */
  readonly parentsBefore: readonly string[];
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Whether it was killed. */
  readonly hung: boolean;
  /** Milliseconds from SIGTERM to the end of the process. */
  readonly endMillis: number;
  readonly stderr: string;
}

/**
 * Starts a program, lets it answer a number of quick requests, sends SIGTERM while as many slow ones are in flight, and observes
 * the results.
 */
export async function terminate(
  row: Row,
  program: string,
  requests: number,
  environment: NodeJS.ProcessEnv,
): Promise<Termination> {
  const child = spawn(process.execPath, [...row.nodeArguments, program], {
    cwd: row.folder,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  // Keep-alive, like a load balancer.
  const agent = new Agent({ keepAlive: true });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const exited = once(child, 'exit');
  const closed = once(child, 'close');
  try {
    const makeParents = (): string[] => Array.from({ length: requests }, () => randomBytes(8).toString('hex'));
    const parentsBefore = makeParents();
    const parents = makeParents();
    let asked: Promise<boolean>[] = [];
    let accepted = 0;
    for await (const line of createInterface({ input: child.stdout })) {
      if (line === 'accepted') accepted += 1;
      const port = /^port (\d+)$/.exec(line)?.[1];
      if (port !== undefined) {
        const url = `http://127.0.0.1:${port}`;
        await Promise.all(parentsBefore.map((parent) => ask(`${url}/quick`, parent, agent)));
        asked = parents.map((parent) => ask(`${url}/slow`, parent, agent));
      }
      if (accepted === requests) break;
    }
    if (accepted !== requests)
      throw new Error(`${program} ended before it had accepted ${requests} requests\n${stderr}`);
    child.stdout.resume();
    const sentAt = performance.now();
    let hung = false;
    const bound = setTimeout(() => {
      hung = true;
      kill();
    }, KILL_MILLIS);
    child.kill('SIGTERM');
    const [code, signal]: unknown[] = await exited;
    const endMillis = performance.now() - sentAt;
    clearTimeout(bound);
    await closed;
    const answers = await Promise.all(asked);
    return {
      accepted,
      answered: answers.filter((answered) => answered).length,
      parents,
      parentsBefore,
      code: typeof code === 'number' ? code : null,
      signal: isSignal(signal) ? signal : null,
      hung,
      endMillis,
      stderr,
    };
  } finally {
    process.removeListener('exit', kill);
    kill();
    agent.destroy();
  }
}

/** Whether the complete response arrived. */
function ask(url: string, parent: string, agent: Agent): Promise<boolean> {
  return new Promise((resolve) => {
    const traceparent = `00-${randomBytes(16).toString('hex')}-${parent}-01`;
    const asking = request(url, { agent, headers: { traceparent } }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => (body += text));
      response.on('end', () => resolve(response.statusCode === 200 && body === 'done'));
      response.on('error', () => resolve(false));
    });
    asking.on('error', () => resolve(false));
    asking.end();
  });
}

function isSignal(value: unknown): value is NodeJS.Signals {
  return typeof value === 'string' && value.startsWith('SIG');
}

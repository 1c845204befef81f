import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads';
import type { ExitAnswer, ExitMessage, ExitRequest, ExitWork } from './exit-request.ts';

export interface SyncRequestOptions {
  /** Path of the worker's program. */
  readonly worker: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly timeoutMillis: number;
}

/** What the worker gets less, so that what it knows by then still arrives. */
const ANSWER_MILLIS = 20;

/**
 * Sends requests while this thread stands still: a worker started now does it, `Atomics.wait` waits for it. For the `exit`
 * event, after which there is no event loop. Answers stand at the places of their requests; a request without one in time has
 * none.
 *
 * @throws what Node throws when no worker can be started (the permission model, no memory)
 */
export function syncRequest(
  requests: readonly ExitRequest[],
  options: SyncRequestOptions,
): readonly (ExitAnswer | undefined)[] {
  const done = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
  const { port1: near, port2: far } = new MessageChannel();
  const deadline = Date.now() + options.timeoutMillis;
  const work: ExitWork = { requests, deadline: deadline - ANSWER_MILLIS, done };
  const worker = new Worker(options.worker, {
    workerData: { work, port: far },
    transferList: [far],
    // A worker runs the preload again, by execArgv and by NODE_OPTIONS: it must have neither.
    execArgv: [],
    env: { ...options.env, NODE_OPTIONS: undefined },
  });
  // A failure of the worker must not become an uncaught error of the application.
  worker.on('error', () => {});
  worker.unref();
  Atomics.wait(new Int32Array(done), 0, 0, Math.max(0, deadline - Date.now()));
  const answers: (ExitAnswer | undefined)[] = requests.map(() => undefined);
  for (let received = receiveMessageOnPort(near); received !== undefined; received = receiveMessageOnPort(near)) {
    const message: unknown = received.message;
    if (isExitMessage(message)) answers[message.index] = message.answer;
  }
  near.close();
  return answers;
}

function isExitMessage(message: unknown): message is ExitMessage {
  return typeof message === 'object' && message !== null && 'index' in message && 'answer' in message;
}

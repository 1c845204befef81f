import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import type { ExitAnswer, ExitMessage, ExitRequest, ExitWork } from './exit-request.ts';

export interface SyncRequesterOptions {
  /** Path of the worker's program. */
  readonly worker: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** What the worker gets less, so that what it knows by then still arrives. */
const ANSWER_MILLIS = 20;

/**
 * Sends requests while this thread stands still: a worker started at the first call does it, `Atomics.wait` waits for it. For
 * the `exit` event, after which there is no event loop. It stays for later calls and ends with the process.
 */
export class SyncRequester {
  readonly #options: SyncRequesterOptions;
  #port: MessagePort | undefined;

  constructor(options: SyncRequesterOptions) {
    this.#options = options;
  }

  /**
   * Answers stand at the places of their requests; a request without one in time has none.
   * @throws what Node throws when no worker can be started (the permission model, no memory)
   */
  send(requests: readonly ExitRequest[], timeoutMillis: number): readonly (ExitAnswer | undefined)[] {
    const deadline = Date.now() + timeoutMillis;
    const port = (this.#port ??= this.#start());
    const done = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
    const work: ExitWork = { requests, deadline: deadline - ANSWER_MILLIS, done };
    port.postMessage(work);
    Atomics.wait(new Int32Array(done), 0, 0, Math.max(0, deadline - Date.now()));
    const answers: (ExitAnswer | undefined)[] = requests.map(() => undefined);
    for (let received = receiveMessageOnPort(port); received !== undefined; received = receiveMessageOnPort(port)) {
      const message: unknown = received.message;
      if (isExitMessage(message)) answers[message.index] = message.answer;
    }
    return answers;
  }

  #start(): MessagePort {
    const { port1: near, port2: far } = new MessageChannel();
    const worker = new Worker(this.#options.worker, {
      workerData: far,
      transferList: [far],
      // A worker runs the preload again, by execArgv and by NODE_OPTIONS: it must have neither.
      execArgv: [],
      env: { ...this.#options.env, NODE_OPTIONS: undefined },
    });
    // A failure of the worker must not become an uncaught error of the application.
    worker.on('error', () => {});
    worker.unref();
    return near;
  }
}

function isExitMessage(message: unknown): message is ExitMessage {
  return typeof message === 'object' && message !== null && 'index' in message && 'answer' in message;
}

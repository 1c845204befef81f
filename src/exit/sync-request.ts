import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { processMillis } from '../clock/clock.ts';
import type { ExitAnswer, ExitMessage, ExitRequest, ExitWork } from './exit-request.ts';

export interface SyncRequesterOptions {
  /** Path of the worker's script. */
  readonly worker: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The worker's deadline is this much earlier, so that its last answers still arrive in time. */
const ANSWER_MILLIS = 20;

/**
 * Sends requests synchronously: a worker, started at the first call, sends them, and `Atomics.wait` blocks this thread until
 * then. For the `exit` event, after which the event loop does not run. Later calls use the same worker; it ends with the process.
 */
export class SyncRequester {
  readonly #options: SyncRequesterOptions;
  #port: MessagePort | undefined;

  constructor(options: SyncRequesterOptions) {
    this.#options = options;
  }

  /**
   * @returns answers in the order of the requests; undefined for a request without an answer in time
   * @throws what Node throws when no worker can be started (the permission model, no memory)
   */
  send(requests: readonly ExitRequest[], timeoutMillis: number): readonly (ExitAnswer | undefined)[] {
    const deadline = processMillis() + timeoutMillis;
    const port = (this.#port ??= this.#start());
    const done = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
    const work: ExitWork = { requests, deadline: deadline - ANSWER_MILLIS, done };
    port.postMessage(work);
    Atomics.wait(new Int32Array(done), 0, 0, Math.max(0, deadline - processMillis()));
    const answers: (ExitAnswer | undefined)[] = requests.map(() => undefined);
    for (let received = receiveMessageOnPort(port); received !== undefined; received = receiveMessageOnPort(port)) {
      const message: unknown = received.message;
      if (isExitMessage(message)) answers[message.index] = message.answer;
    }
    return answers;
  }

  #start(): MessagePort {
    const { port1: ownPort, port2: workerPort } = new MessageChannel();
    // With NODE_V8_COVERAGE it would write a file about itself. Left out: what is undefined here is the text `undefined` there.
    const { NODE_OPTIONS: _options, NODE_V8_COVERAGE: _coverage, ...env } = this.#options.env;
    const worker = new Worker(this.#options.worker, {
      workerData: workerPort,
      transferList: [workerPort],
      // Node would run the preload in the worker too: `--import` is inherited by execArgv and by NODE_OPTIONS.
      execArgv: [],
      env,
    });
    // Without a listener an error of the worker would be an uncaught exception of the application.
    worker.on('error', () => {});
    worker.unref();
    return ownPort;
  }
}

function isExitMessage(message: unknown): message is ExitMessage {
  return typeof message === 'object' && message !== null && 'index' in message && 'answer' in message;
}

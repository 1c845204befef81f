import { MessageChannel, MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { leaveDeletedFolder } from './deleted-folder.ts';
import type { ExitMessage, ExitWork } from './exit-request.ts';
import { processMillis } from '../clock/clock.ts';
import { isObject } from '../values/is-object.ts';

/** How often a thread that waits looks whether the worker still lives. */
const LOOK_MILLIS = 50;

export interface ExitWorkerOptions {
  /** The worker's program itself, not its path: what the process was started from may be an archive, or gone by now. */
  readonly program: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** What the worker is started with. */
export interface ExitWorkerData {
  readonly port: MessagePort;
  /** One 32-bit integer, which grows when the program has started and with each message that it has posted. */
  readonly changes: Int32Array<SharedArrayBuffer>;
}

/** The worker as the thread sees it that ends, in which no event arrives any more. It ends with the process. */
export class ExitWorker {
  #port: MessagePort;
  readonly #changes: Int32Array<SharedArrayBuffer>;
  readonly #looking = new MessageChannel();

  /**
   * @param deadline `processMillis()`
   * @throws what Node throws when no worker can be started (the permission model, no memory)
   */
  constructor({ program, env: all }: ExitWorkerOptions, deadline: number) {
    const { port1, port2: port } = new MessageChannel();
    this.#port = port1;
    const changes = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
    this.#changes = changes;
    // With NODE_V8_COVERAGE it would write a file about itself. Left out: what is undefined here is the text `undefined` there.
    const { NODE_OPTIONS: _options, NODE_V8_COVERAGE: _coverage, ...env } = all;
    const workerData: ExitWorkerData = { port, changes };
    const goBack = leaveDeletedFolder();
    try {
      const worker = new Worker(program, {
        eval: true,
        workerData,
        transferList: [port],
        // Node would run the preload in the worker too: `--import` is inherited by execArgv and by NODE_OPTIONS.
        execArgv: [],
        env,
      });
      // Without a listener an error of the worker would be an uncaught exception of the application.
      worker.on('error', () => {});
      worker.unref();
      if (goBack !== undefined) this.#waitForStart(deadline);
    } finally {
      goBack?.();
    }
  }

  post(work: ExitWork): void {
    this.#port.postMessage(work);
  }

  receive(): readonly ExitMessage[] {
    const messages: ExitMessage[] = [];
    for (;;) {
      const received = receiveMessageOnPort(this.#port);
      if (received === undefined) return messages;
      const message: unknown = received.message;
      if (isExitMessage(message)) messages.push(message);
    }
  }

  /**
   * To be asked when `receive()` has had the last message: only then the port knows that its other end is closed, as it is when
   * the worker has ended, however it did. That shows synchronously in one way: a closed port cannot be transferred.
   */
  isAlive(): boolean {
    const { port1, port2 } = this.#looking;
    try {
      port1.postMessage(this.#port, [this.#port]);
    } catch {
      return false;
    }
    const moved: unknown = receiveMessageOnPort(port2)?.message;
    if (!(moved instanceof MessagePort)) return false;
    this.#port = moved;
    return true;
  }

  /** To be read before `receive()`, for `sleep()`: what comes in between then ends the sleep at once. */
  get changes(): number {
    return Atomics.load(this.#changes, 0);
  }

  /** Blocks this thread until the worker has news since `seen`, until the deadline, or until it is time to look after the worker. */
  sleep(seen: number, deadline: number): void {
    Atomics.wait(this.#changes, 0, seen, Math.max(0, Math.min(LOOK_MILLIS, deadline - processMillis())));
  }

  #waitForStart(deadline: number): void {
    while (this.changes === 0 && processMillis() < deadline) {
      // There can be no message yet; but the end of the worker is only seen by who receives.
      this.receive();
      if (!this.isAlive()) return;
      this.sleep(0, deadline);
    }
  }
}

function isExitMessage(message: unknown): message is ExitMessage {
  return isObject(message) && 'id' in message && 'answer' in message;
}

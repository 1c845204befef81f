import type { ExitAnswer, ExitLane, ExitRequest } from './exit-request.ts';
import { ExitWorker, type ExitWorkerOptions } from './exit-worker.ts';
import { processMillis } from '../clock/clock.ts';

/** The worker's deadline is this much earlier, so that its last answers still arrive in time. */
const ANSWER_MILLIS = 20;

/** Why what the worker had not answered when it ended is lost, and what comes after that. */
const WORKER_ENDED = 'the thread that sends it has ended';

/**
 * Sends requests synchronously: a worker, started for the first one, sends them, and `Atomics.wait` blocks this thread until then.
 * For the `exit` event, after which the event loop does not run. Each answer belongs to the request with its id, however late
 * it comes. Deadlines are instants of `processMillis()`.
 */
export class SyncRequester {
  readonly #options: ExitWorkerOptions;
  #worker: ExitWorker | undefined;
  #hasEnded = false;
  #lastId = 0;
  readonly #unanswered = new Set<number>();
  #answers = new Map<number, ExitAnswer>();

  constructor(options: ExitWorkerOptions) {
    this.#options = options;
  }

  /**
   * Has the worker send it, and does not wait.
   * @returns its id
   * @throws Error when the worker has ended, or what Node throws when none can be started (the permission model, no memory)
   */
  post(request: ExitRequest, { lane, maxInFlight }: ExitLane, deadline: number): number {
    if (this.#hasEnded) throw new Error(WORKER_ENDED);
    this.#worker ??= new ExitWorker(this.#options, deadline);
    this.#lastId += 1;
    const id = this.#lastId;
    this.#worker.post({ id, lane, maxInFlight, request, deadline: deadline - ANSWER_MILLIS });
    this.#unanswered.add(id);
    return id;
  }

  /** Blocks this thread until every request that was posted has an answer, at most until the deadline. */
  wait(deadline: number): void {
    const worker = this.#worker;
    if (worker === undefined) return;
    for (;;) {
      const seen = worker.changes;
      for (const { id, answer } of worker.receive()) this.#answer(id, answer);
      if (this.#unanswered.size === 0) return;
      if (!worker.isAlive()) break;
      if (processMillis() >= deadline) return;
      worker.sleep(seen, deadline);
    }
    this.#hasEnded = true;
    for (const id of this.#unanswered) this.#answer(id, { status: 'unanswered', message: WORKER_ENDED });
  }

  /** The answers that have come since the last call, by the ids of their requests. */
  takeAnswers(): ReadonlyMap<number, ExitAnswer> {
    const answers = this.#answers;
    this.#answers = new Map();
    return answers;
  }

  #answer(id: number, answer: ExitAnswer): void {
    if (this.#unanswered.delete(id)) this.#answers.set(id, answer);
  }
}

import { messageOf } from '../values/thrown.ts';
import { type Attempt, type ExitAnswer, type ExitMessage, type ExitWork, NOT_SENT } from './exit-request.ts';
import { processMillis, setTimeout } from '../clock/clock.ts';

const FIRST_PAUSE_MILLIS = 50;
const LONGEST_PAUSE_MILLIS = 400;
/** Attempts without an answer after which a request is given up: the process must not wait for a backend that is down. */
const MAX_UNANSWERED = 3;
/** With less time left nothing is sent any more. Timers also fire up to two milliseconds early, and what they end makes room. */
const LEAST_MILLIS = 5;

export interface RequestLaneOptions {
  /** How a request is attempted. @throws what makes it impossible to send (a missing module, an invalid certificate) */
  readonly attempts: (work: ExitWork) => () => Promise<Attempt>;
  readonly onAnswer: (message: ExitMessage) => void;
}

/**
 * Sends the requests of one lane in their order, at most `maxInFlight` at once, and tries again what may be tried again until its
 * deadline.
 */
export class RequestLane {
  readonly #options: RequestLaneOptions;
  readonly #waiting: ExitWork[] = [];
  #inFlight = 0;
  /** A request was given up and none was answered since: the others have one attempt each. */
  #isDown = false;

  constructor(options: RequestLaneOptions) {
    this.#options = options;
  }

  add(work: ExitWork): void {
    this.#waiting.push(work);
    this.#startNext();
  }

  #startNext(): void {
    for (;;) {
      const [next] = this.#waiting;
      if (next === undefined || this.#inFlight >= next.maxInFlight) return;
      this.#waiting.shift();
      void this.#send(next);
    }
  }

  async #send(work: ExitWork): Promise<void> {
    this.#inFlight += 1;
    const answer = await this.#answerOf(work);
    this.#inFlight -= 1;
    this.#isDown = answer.status === 'unanswered';
    this.#options.onAnswer({ id: work.id, answer });
    this.#startNext();
  }

  /** A request that cannot be sent at all counts as refused, with the reason. */
  async #answerOf(work: ExitWork): Promise<ExitAnswer> {
    if (work.deadline - processMillis() < LEAST_MILLIS) return { status: 'unanswered', message: NOT_SENT };
    try {
      return await this.#lastAnswer(this.#options.attempts(work), work.deadline);
    } catch (error) {
      return { status: 'refused', message: messageOf(error) };
    }
  }

  async #lastAnswer(attempt: () => Promise<Attempt>, deadline: number): Promise<ExitAnswer> {
    let pauseMillis = FIRST_PAUSE_MILLIS;
    let unanswered = 0;
    for (;;) {
      const { answer, retryAfterMillis } = await attempt();
      if (retryAfterMillis === undefined) return answer;
      if (answer.status === 'unanswered') unanswered += 1;
      const waitMillis = Math.max(retryAfterMillis, pauseMillis);
      const isGivenUp = unanswered === MAX_UNANSWERED || (unanswered > 0 && this.#isDown);
      if (isGivenUp || processMillis() + waitMillis >= deadline) return answer;
      await pause(waitMillis);
      pauseMillis = Math.min(pauseMillis * 2, LONGEST_PAUSE_MILLIS);
    }
  }
}

function pause(millis: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(() => resolve(), millis);
  });
}

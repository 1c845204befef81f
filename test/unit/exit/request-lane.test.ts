import { describe, expect, it } from 'vitest';
import type { Attempt, ExitMessage, ExitWork } from '../../../src/exit/exit-request.ts';
import { processMillis } from '../../../src/clock/clock.ts';
import { RequestLane } from '../../../src/exit/request-lane.ts';
import { httpRequest } from './worker-programs.ts';

const ENDLESS_MILLIS = 600_000;
const answered = (code: number): Attempt['answer'] => ({
  status: 'answered',
  code,
  contentType: '',
  body: new Uint8Array(),
});
const OK: Attempt = { answer: answered(200), retryAfterMillis: undefined };
const BUSY: Attempt = { answer: answered(503), retryAfterMillis: 0 };
const RESET: Attempt = { answer: { status: 'unanswered', message: 'reset' }, retryAfterMillis: 0 };
const GONE: Attempt = { answer: { status: 'refused', message: 'gone' }, retryAfterMillis: undefined };

function work(id: number, options: Partial<ExitWork> = {}): ExitWork {
  return {
    id,
    lane: 0,
    maxInFlight: 10,
    deadline: processMillis() + ENDLESS_MILLIS,
    request: httpRequest(String(id)),
    ...options,
  };
}

/** Adds the requests to a lane and waits until each has an answer. */
async function run(requests: readonly ExitWork[], attempt: (id: number, number: number) => Promise<Attempt> | Attempt) {
  const attempts: string[] = [];
  let inFlight = 0;
  let maxInFlight = 0;
  const messages: ExitMessage[] = [];
  await new Promise<void>((resolve) => {
    const lane = new RequestLane({
      attempts: ({ id }) => {
        let number = 0;
        inFlight += 1;
        maxInFlight = Math.max(maxInFlight, inFlight);
        return async () => {
          number += 1;
          attempts.push(`${id}.${number}`);
          return attempt(id, number);
        };
      },
      onAnswer(message) {
        inFlight -= 1;
        messages.push(message);
        if (messages.length === requests.length) resolve();
      },
    });
    for (const request of requests) lane.add(request);
  });
  const answers = Object.fromEntries(
    messages.map(({ id, answer }) => [id, answer.status === 'answered' ? answer.code : answer.message]),
  );
  return { attempts, maxInFlight, answers, order: messages.map(({ id }) => id) };
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);
const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

describe('RequestLane', () => {
  it('sends at most as many at once as it may, in their order, and the next when one is answered', async () => {
    const { attempts, maxInFlight, answers } = await run(
      numbers(25).map((id) => work(id, { maxInFlight: 4 })),
      async () => {
        await turn();
        return OK;
      },
    );
    expect(maxInFlight).toBe(4);
    expect(attempts).toEqual(numbers(25).map((id) => `${id}.1`));
    expect(Object.values(answers)).toEqual(numbers(25).map(() => 200));
  });

  it('sends one after the other where only one may be under way, whatever has to be tried again', async () => {
    const { attempts, order } = await run(
      numbers(3).map((id) => work(id, { maxInFlight: 1 })),
      (id, number) => (id === 2 && number === 1 ? BUSY : OK),
    );
    expect(attempts).toEqual(['1.1', '2.1', '2.2', '3.1']);
    expect(order).toEqual([1, 2, 3]);
  });

  it('tries again what may be tried again, and nothing else', async () => {
    const { attempts, answers } = await run(
      numbers(4).map((id) => work(id)),
      (id, number) => {
        if (number === 3 || id === 1) return OK;
        return id === 2 ? BUSY : id === 3 ? RESET : GONE;
      },
    );
    expect(attempts.toSorted()).toEqual(['1.1', '2.1', '2.2', '2.3', '3.1', '3.2', '3.3', '4.1']);
    expect(answers).toEqual({ 1: 200, 2: 200, 3: 200, 4: 'gone' });
  });

  it('gives a request up after three attempts without an answer; those that follow have one each while nobody answers', async () => {
    const requests = numbers(4).map((id) => work(id, { maxInFlight: 1 }));
    const { attempts, answers } = await run(requests, (id) => (id === 3 ? OK : RESET));
    expect(attempts).toEqual(['1.1', '1.2', '1.3', '2.1', '3.1', '4.1', '4.2', '4.3']);
    expect(answers).toEqual({ 1: 'reset', 2: 'reset', 3: 200, 4: 'reset' });
  });

  it('does not wait beyond the deadline for another attempt, and answers with what the last one brought', async () => {
    const { attempts, answers } = await run([work(1), work(2, { deadline: processMillis() + 10_000 })], (id, number) =>
      id === 1 ? OK : { ...BUSY, retryAfterMillis: number * 60_000 },
    );
    expect(attempts).toEqual(['1.1', '2.1']);
    expect(answers).toEqual({ 1: 200, 2: 503 });
  });

  it('does not start what is still waiting at the deadline', async () => {
    const deadline = processMillis() + 100;
    const { attempts, answers } = await run(
      numbers(5).map((id) => work(id, { maxInFlight: 2, deadline })),
      async () => {
        while (processMillis() < deadline) await turn();
        return RESET;
      },
    );
    expect(attempts).toEqual(['1.1', '2.1']);
    expect(answers).toEqual({
      1: 'reset',
      2: 'reset',
      3: 'not sent in time',
      4: 'not sent in time',
      5: 'not sent in time',
    });
  });

  it('refuses what cannot be sent, with the reason, and sends the others', async () => {
    const messages: ExitMessage[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    const lane = new RequestLane({
      attempts({ id }) {
        if (id === 1) throw new Error('Cannot find module');
        return () => (id === 2 ? Promise.reject(new Error('no such certificate')) : Promise.resolve(OK));
      },
      onAnswer(message) {
        messages.push(message);
        if (messages.length === 3) resolve();
      },
    });
    for (const id of numbers(3)) lane.add(work(id, { maxInFlight: 1 }));
    await promise;
    expect(messages).toEqual([
      { id: 1, answer: { status: 'refused', message: 'Cannot find module' } },
      { id: 2, answer: { status: 'refused', message: 'no such certificate' } },
      { id: 3, answer: OK.answer },
    ]);
  });

  it('tries a busy backend again although the request before got no answer', async () => {
    const requests = numbers(2).map((id) => work(id, { maxInFlight: 1 }));
    const { attempts, answers } = await run(requests, (id, number) => {
      if (id === 1) return RESET;
      return number === 1 ? BUSY : OK;
    });
    expect(attempts).toEqual(['1.1', '1.2', '1.3', '2.1', '2.2']);
    expect(answers).toEqual({ 1: 'reset', 2: 200 });
  });

  it('has no answer for what it was given too late', async () => {
    const { promise, resolve } = Promise.withResolvers<ExitMessage>();
    const lane = new RequestLane({ attempts: () => () => Promise.resolve(OK), onAnswer: resolve });
    lane.add(work(1, { deadline: processMillis() }));
    expect(await promise).toEqual({ id: 1, answer: { status: 'unanswered', message: 'not sent in time' } });
  });
});

import { describe, expect, it } from 'vitest';
import type { ExitAnswer } from '../../../src/exit/exit-request.ts';
import { processMillis } from '../../../src/clock/clock.ts';
import { SyncRequester } from '../../../src/exit/sync-request.ts';
import { ANSWERS, httpRequest, IS_MUTE, workerProgram } from './worker-programs.ts';

const LANE = { lane: 0, maxInFlight: 10 };
/** Longer than a test may take: one that waits for this long fails. */
const ENDLESS_MILLIS = 600_000;
/** Enough for a program that answers at once, and waited for to its end by those that do not. */
const SHORT_MILLIS = 300;

const requester = (program: string) => new SyncRequester({ program, env: {} });
const endless = (): number => processMillis() + ENDLESS_MILLIS;
const short = (): number => processMillis() + SHORT_MILLIS;

/** The ids of the answered requests, with what tells their requests apart. */
function taken(requests: SyncRequester): Readonly<Record<number, string>> {
  return Object.fromEntries(
    [...requests.takeAnswers()].map(([id, answer]: readonly [number, ExitAnswer]) => [
      id,
      answer.status === 'answered' ? Buffer.from(answer.body).toString() : answer.message,
    ]),
  );
}

describe('SyncRequester', () => {
  it('has each answer once, by the id of its request', () => {
    const requests = requester(ANSWERS);
    const ids = ['a', 'b'].map((url) => requests.post(httpRequest(url), LANE, endless()));
    requests.wait(endless());
    expect(ids).toEqual([1, 2]);
    expect(taken(requests)).toEqual({ 1: 'a', 2: 'b' });
    expect(taken(requests)).toEqual({});
  });

  it('starts no thread while there is nothing to send', () => {
    const requests = requester('this is no program');
    requests.wait(endless());
    expect(taken(requests)).toEqual({});
  });

  it('gives a late answer to the request that it belongs to, not to one of the next call', () => {
    // Answers nothing until it has three requests, then the last first.
    const requests = requester(
      workerProgram(
        'all.push(work); if (all.length === 3) for (const one of all.reverse()) answer(one)',
        'const all = []',
      ),
    );
    requests.post(httpRequest('first'), LANE, short());
    requests.wait(short());
    expect(taken(requests)).toEqual({});
    requests.post(httpRequest('second'), LANE, endless());
    requests.post(httpRequest('third'), LANE, endless());
    requests.wait(endless());
    expect(taken(requests)).toEqual({ 1: 'first', 2: 'second', 3: 'third' });
  });

  it('waits for no longer than the deadline, and not at all after it', () => {
    const requests = requester(IS_MUTE);
    requests.post(httpRequest('a'), LANE, short());
    const deadline = short();
    requests.wait(deadline);
    expect(processMillis()).toBeGreaterThanOrEqual(deadline);
    requests.wait(0);
    expect(taken(requests)).toEqual({});
  });

  it('posts the order, the lane and a deadline that is earlier than that of the thread', () => {
    const requests = requester(
      workerProgram(
        `answer({ id: work.id, request: { url: JSON.stringify([work.lane, work.maxInFlight, work.deadline]) } })`,
      ),
    );
    const deadline = endless();
    requests.post(httpRequest('a'), { lane: 7, maxInFlight: 3 }, deadline);
    requests.wait(deadline);
    expect(JSON.parse(taken(requests)[1] ?? '')).toEqual([7, 3, deadline - 20]);
  });

  it.each([
    ['throws while it starts', 'throw new Error("no")'],
    ['is no JavaScript', 'this is no program'],
    ['ends itself', 'process.exit(0)'],
    ['cannot be loaded', 'require("/nowhere/grpc-js")'],
    ['runs out of work', 'require("node:worker_threads")'],
    ['ends when it is to send', workerProgram('process.exit(1)')],
    ['throws when it is to send', workerProgram('throw new Error("no")')],
  ])('knows at once that the worker has ended: it %s', (_, program) => {
    const requests = requester(program);
    requests.post(httpRequest('a'), LANE, endless());
    requests.post(httpRequest('b'), LANE, endless());
    requests.wait(endless());
    const reason = 'the thread that sends it has ended';
    expect(taken(requests)).toEqual({ 1: reason, 2: reason });
    expect(() => requests.post(httpRequest('c'), LANE, endless())).toThrow(reason);
  });

  it('keeps the answers that came before the worker ended', () => {
    const requests = requester(workerProgram('if (work.id < 3) answer(work); else process.exit(0)'));
    for (const url of ['a', 'b', 'c']) requests.post(httpRequest(url), LANE, endless());
    requests.wait(endless());
    expect(taken(requests)).toEqual({ 1: 'a', 2: 'b', 3: 'the thread that sends it has ended' });
  });

  it('ignores messages that are no answers, and answers to what nobody asked', () => {
    const requests = requester(
      workerProgram('port.postMessage("hello"); port.postMessage(null); answer({ ...work, id: 99 }); answer(work)'),
    );
    requests.post(httpRequest('a'), LANE, endless());
    requests.wait(endless());
    expect(taken(requests)).toEqual({ 1: 'a' });
  });

  it('gives the worker neither NODE_OPTIONS nor NODE_V8_COVERAGE', () => {
    const requests = new SyncRequester({
      program: workerProgram(
        'answer({ id: work.id, request: { url: JSON.stringify([process.env, process.execArgv]) } })',
      ),
      env: { A: '1', NODE_OPTIONS: '--import /nowhere.mjs', NODE_V8_COVERAGE: '/nowhere' },
    });
    requests.post(httpRequest('a'), LANE, endless());
    requests.wait(endless());
    expect(JSON.parse(taken(requests)[1] ?? '')).toEqual([{ A: '1' }, []]);
  });
});

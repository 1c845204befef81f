import { describe, expect, it } from 'vitest';
import type { Deadline } from '../../../src/deadline/deadline.ts';
import type { OutboxCounts } from '../../../src/outbox/delivery.ts';
import type { FlushOutcome } from '../../../src/outbox/flush-outcome.ts';
import { Shutdown, type ShutdownEvents, type Telemetry } from '../../../src/shutdown/shutdown.ts';

const NO_COUNTS: OutboxCounts = { accepted: 0, delivered: 0, waiting: 0, late: 0, dropped: {} };
const NONE: FlushOutcome = { delivered: 0, undelivered: 0, dropped: {}, error: undefined };

function setUp(
  spans: FlushOutcome,
  flush: (deadline: Deadline) => Promise<void> = () => Promise.resolve(),
  failure?: null,
) {
  const calls: string[] = [];
  const error = new Error('connect ECONNREFUSED');
  const telemetry: Telemetry = {
    async flush(deadline) {
      calls.push('flush');
      await flush(deadline);
      return { spans, logs: NONE, metrics: NONE };
    },
    stop: () => void calls.push('stop'),
    counts: () => ({ spans: { ...NO_COUNTS, waiting: spans.undelivered }, logs: NO_COUNTS, metrics: NO_COUNTS }),
    failure: () => (failure === null ? undefined : error),
  };
  const events: ShutdownEvents = {
    stopping: (reason) => void calls.push(`stopping ${reason}`),
    stopped: (reason) => void calls.push(`stopped ${reason}`),
  };
  return { calls, error, events, shutdown: new Shutdown(telemetry, events, 50) };
}

describe('Shutdown', () => {
  it('flushes, then stops, and reports', async () => {
    const { calls, shutdown } = setUp({ ...NONE, delivered: 2 });
    expect(await shutdown.shutdown({ reason: 'SIGTERM' })).toEqual({
      ok: true,
      timedOut: false,
      durationMillis: expect.any(Number),
      reason: 'SIGTERM',
      spans: { delivered: 2, undelivered: 0, dropped: {} },
      logs: { delivered: 0, undelivered: 0, dropped: {} },
      metrics: { delivered: 0, undelivered: 0, dropped: {} },
      errors: [],
    });
    expect(calls).toEqual(['stopping SIGTERM', 'stopped SIGTERM', 'flush', 'stop']);
  });

  it('a second call returns the promise of the first', async () => {
    const { calls, shutdown } = setUp(NONE);
    const first = shutdown.shutdown();
    expect(shutdown.shutdown({ timeoutMillis: 1 })).toBe(first);
    await first;
    expect(calls).toEqual(['stopping undefined', 'stopped undefined', 'flush', 'stop']);
  });

  it('runs last steps after telemetry, and waits for them', async () => {
    const { calls, shutdown } = setUp(NONE);
    shutdown.addLastStep(async (deadline) => {
      calls.push('last');
      await Promise.resolve();
      calls.push(`${deadline.expired}`);
    });
    expect(await shutdown.shutdown({ timeoutMillis: 10_000 })).toMatchObject({ ok: true });
    expect(calls.slice(2)).toEqual(['flush', 'stop', 'last', 'false']);
  });

  it('leaves the last steps a part of the deadline when telemetry takes all of it', async () => {
    const forever = (deadline: Deadline) => deadline.race(Promise.withResolvers<void>().promise).then(() => {});
    const { calls, shutdown } = setUp({ ...NONE, undelivered: 1 }, forever);
    let left = 0;
    shutdown.addLastStep((deadline) => {
      calls.push('last');
      left = deadline.remainingMillis;
      return Promise.resolve();
    });
    expect(await shutdown.shutdown({ timeoutMillis: 1000 })).toMatchObject({ ok: false, timedOut: true });
    expect(calls.slice(2)).toEqual(['flush', 'last', 'stop']);
    expect(left).toBeGreaterThan(0);
  });

  it('reports what is left at the deadline, and why', async () => {
    const forever = (deadline: Deadline) => deadline.race(Promise.withResolvers<void>().promise).then(() => {});
    const { error, shutdown } = setUp({ ...NONE, delivered: 1, undelivered: 2 }, forever);
    expect(await shutdown.forceFlush({ timeoutMillis: 5 })).toMatchObject({
      ok: false,
      timedOut: true,
      spans: { delivered: 1, undelivered: 2 },
      errors: [error],
    });
  });

  it('prefers the error of its own attempts to the one before', async () => {
    const own = new Error('HTTP 503');
    const { shutdown } = setUp({ ...NONE, undelivered: 1, error: own });
    expect(await shutdown.forceFlush()).toMatchObject({ errors: [own] });
  });

  it('has no error if nothing is undelivered, whatever failed meanwhile', async () => {
    const { shutdown } = setUp({ ...NONE, delivered: 1, error: new Error('HTTP 503') });
    expect(await shutdown.forceFlush()).toMatchObject({ ok: true, errors: [] });
  });

  it('reports that there was no answer, if no attempt has failed', async () => {
    const { shutdown } = setUp({ ...NONE, undelivered: 1 }, undefined, null);
    expect(await shutdown.forceFlush()).toMatchObject({
      errors: [{ message: expect.stringMatching(/^no answer within \d+ ms$/) }],
    });
  });

  it('an event that cannot be recorded is an error of the report', async () => {
    const { calls, events, shutdown } = setUp(NONE);
    const failure = new Error('broken');
    events.stopping = () => {
      throw failure;
    };
    expect(await shutdown.shutdown()).toMatchObject({ ok: false, errors: [{ cause: failure }] });
    expect(calls).toEqual(['flush', 'stop']);
  });

  it('a flush that fails is an error of the report, and the shutdown continues', async () => {
    const failure = new Error('broken');
    const { calls, shutdown } = setUp({ ...NONE, undelivered: 1 }, () => Promise.reject(failure));
    const report = await shutdown.shutdown();
    expect(report).toMatchObject({ ok: false, spans: { undelivered: 1 } });
    expect(report.errors[0]).toMatchObject({ message: 'the flush failed', cause: failure });
    expect(calls.at(-1)).toBe('stop');
  });

  it('is not ok if items were dropped, although none are left', async () => {
    const { shutdown } = setUp({ ...NONE, delivered: 1, dropped: { queue_full: 2 } });
    expect(await shutdown.forceFlush()).toMatchObject({ ok: false, timedOut: false, errors: [] });
  });

  it('ends when the caller’s signal aborts', async () => {
    const controller = new AbortController();
    const forever = (deadline: Deadline) => deadline.race(Promise.withResolvers<void>().promise).then(() => {});
    const { shutdown } = setUp({ ...NONE, undelivered: 1 }, forever);
    const report = shutdown.forceFlush({ timeoutMillis: Infinity, signal: controller.signal });
    controller.abort();
    expect(await report).toMatchObject({ ok: false, timedOut: true });
  });

  it('invalid options throw before anything is flushed', () => {
    const { calls, shutdown } = setUp(NONE);
    expect(() => shutdown.shutdown({ timeoutMillis: -1 })).toThrow(TypeError);
    expect(() => shutdown.forceFlush({ timeoutMillis: Number.NaN })).toThrow(TypeError);
    expect(calls).toEqual([]);
  });
});

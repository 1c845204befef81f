import { describe, expect, it } from 'vitest';
import { afterFlush, NO_COUNTS, reportNothing, TelemetryReport } from '../../../src/shutdown/flush-report.ts';

const NOTHING = { delivered: 0, undelivered: 0, dropped: {} };

describe('describeReport', () => {
  it('contains what was delivered', () => {
    const report = new TelemetryReport(
      {
        spans: { ...NOTHING, delivered: 12 },
        logs: { ...NOTHING, delivered: 1 },
        metrics: { ...NOTHING, delivered: 2 },
      },
      { timedOut: false, durationMillis: 131.7, reason: undefined, errors: [] },
    );
    expect(String(report)).toBe('delivered 12 spans, 1 log record, 2 collections of metrics');
  });

  it('contains what was not delivered, and why', () => {
    const report = new TelemetryReport(
      {
        spans: { ...NOTHING, delivered: 12, undelivered: 4, dropped: { queue_full: 3, refused: 1 } },
        logs: { ...NOTHING, undelivered: 1 },
        metrics: NOTHING,
      },
      {
        timedOut: true,
        durationMillis: 500.4,
        reason: 'SIGTERM',
        errors: [new Error('connect ECONNREFUSED 127.0.0.1:4318\n')],
      },
    );
    expect(String(report)).toBe(
      'delivered 12 spans, 0 log records, 0 collections of metrics; undelivered after 500 ms: 4 spans, 1 log record; ' +
        'dropped: 3 spans (queue_full), 1 span (refused) (connect ECONNREFUSED 127.0.0.1:4318)',
    );
  });

  it('is not a property of the report', () => {
    expect(Object.keys(reportNothing())).not.toContain('toString');
  });
});

it('several errors are told apart', () => {
  const report = reportNothing({ errors: [new Error('first'), new Error('second')] });
  expect(String(report)).toContain(' (first; second)');
});

it('without telemetry nothing is counted, and all is well', () => {
  expect(NO_COUNTS).toEqual({ accepted: 0, delivered: 0, waiting: 0, late: 0, dropped: {} });
  expect(reportNothing()).toMatchObject({
    ok: true,
    timedOut: false,
    durationMillis: 0,
    spans: NOTHING,
    logs: NOTHING,
    metrics: NOTHING,
    errors: [],
  });
});

describe('of a call that flushed first', () => {
  const last = reportNothing({ reason: 'SIGTERM', durationMillis: 7, timedOut: true, errors: [new Error('late')] });

  it('what the first delivered and lost is added, and what it left is not', () => {
    const flushed = new TelemetryReport(
      {
        spans: { delivered: 3, undelivered: 9, dropped: { refused: 1, queue_full: 2 } },
        logs: { ...NOTHING, delivered: 1 },
        metrics: { ...NOTHING, dropped: { rejected: 1 } },
      },
      { timedOut: false, durationMillis: 1, reason: undefined, errors: [] },
    );
    const ended = new TelemetryReport(
      {
        spans: { delivered: 4, undelivered: 5, dropped: { refused: 6 } },
        logs: NOTHING,
        metrics: { ...NOTHING, delivered: 2 },
      },
      last,
    );
    expect({ ...afterFlush(flushed, ended) }).toEqual({
      ok: false,
      timedOut: true,
      durationMillis: 7,
      reason: 'SIGTERM',
      spans: { delivered: 7, undelivered: 5, dropped: { refused: 7, queue_full: 2 } },
      logs: { delivered: 1, undelivered: 0, dropped: {} },
      metrics: { delivered: 2, undelivered: 0, dropped: { rejected: 1 } },
      errors: last.errors,
    });
    // The reports of each are as they were.
    expect(flushed.spans.dropped).toEqual({ refused: 1, queue_full: 2 });
  });

  it.each([
    [{ delivered: 1 }, false],
    [{ dropped: { refused: 1 } }, false],
    [{ undelivered: 1 }, true],
  ])('and had %o: whether the last report is all of it', (counts, isAll) => {
    const flushed = new TelemetryReport(
      { spans: { ...NOTHING, ...counts }, logs: NOTHING, metrics: NOTHING },
      { timedOut: false, durationMillis: 1, reason: undefined, errors: [] },
    );
    expect(afterFlush(flushed, last) === last).toBe(isAll);
  });
});

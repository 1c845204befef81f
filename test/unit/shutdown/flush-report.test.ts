import { describe, expect, it } from 'vitest';
import { reportNothing, TelemetryReport } from '../../../src/shutdown/flush-report.ts';

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

import { expect, test } from 'vitest';
import { PipelineReport, type SelfMetricsExporterReport } from '../../../src/self-metrics/self-metrics-report.ts';

const exporter = (report: Partial<SelfMetricsExporterReport> = {}): SelfMetricsExporterReport => ({
  delivered: 1,
  undelivered: 0,
  dropped: {},
  error: undefined,
  ...report,
});

const facts = { timedOut: false, durationMillis: 12.5 };

test.each([
  [{}, true, 'there was nothing to deliver to'],
  [{ file: exporter() }, true, 'file: delivered 1 collection of metrics'],
  // An earlier error that was overcome is of no interest.
  [{ otlp: exporter({ delivered: 3, error: new Error('x') }) }, true, 'otlp: delivered 3 collections of metrics'],
  [
    { otlp: exporter({ dropped: { refused: 1 }, error: new Error('HTTP 400') }) },
    false,
    'otlp: delivered 1 collection of metrics, dropped: 1 collection of metrics (refused) (HTTP 400)',
  ],
  [
    {
      file: exporter({ delivered: 2 }),
      otlp: exporter({
        delivered: 0,
        undelivered: 2,
        dropped: { queue_full: 1, refused: 3 },
        error: new Error('connect ECONNREFUSED\n127.0.0.1:4318'),
      }),
    },
    false,
    'file: delivered 2 collections of metrics; otlp: delivered 0 collections of metrics, undelivered after 13 ms: 2 collections of metrics, dropped: 1 collection of metrics (queue_full), 3 collections of metrics (refused) (connect ECONNREFUSED 127.0.0.1:4318)',
  ],
])('the report is one line as a string, and JSON without it: %o', (reports, ok, line) => {
  const report = new PipelineReport({ file: undefined, otlp: undefined, ...facts, ...reports });
  expect([String(report), report.ok]).toEqual([line, ok]);
  expect(Object.keys(report).toSorted()).toEqual(['durationMillis', 'file', 'ok', 'otlp', 'timedOut']);
});

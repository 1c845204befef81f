import { describe, expect, test } from 'vitest';
import type { CanonicalMessage } from '../../../../src/collector/codec/canonical.ts';
import { signals, type SignalName } from '../../../../src/collector/signals.ts';
import { ItemCounts } from '../../../../src/collector/validation/item-counts.ts';
import { logs, metrics, POINT, RECORD, SPAN, traces } from '../support/items.ts';

const NOW = '1800000000000000000';

interface Validated {
  readonly data: unknown;
  readonly received: number;
  readonly rejected: Readonly<Record<string, number>>;
}

function validate(name: SignalName, request: object): Validated {
  // Through JSON: what is validated is changed.
  const data: CanonicalMessage = JSON.parse(JSON.stringify(request));
  const counts = new ItemCounts();
  signals.find((signal) => signal.name === name)?.validate(data, counts, NOW);
  return { data, received: counts.received, rejected: Object.fromEntries(counts.reasons()) };
}

describe('spans', () => {
  const { traceId: _traceId, ...noTraceId } = SPAN;
  const { spanId: _spanId, ...noSpanId } = SPAN;
  const { startTimeUnixNano: _start, ...noStart } = SPAN;
  const { endTimeUnixNano: _end, ...noEnd } = SPAN;

  test.each([
    ['no trace id', noTraceId, 'invalid_trace_id'],
    ['a trace id of zeros', { ...SPAN, traceId: '0'.repeat(32) }, 'invalid_trace_id'],
    ['a trace id of 8 bytes', { ...SPAN, traceId: 'b7ad6b7169203331' }, 'invalid_trace_id'],
    ['no span id', noSpanId, 'invalid_span_id'],
    ['a span id of zeros', { ...SPAN, spanId: '0'.repeat(16) }, 'invalid_span_id'],
    ['a span id of 16 bytes', { ...SPAN, spanId: SPAN.traceId }, 'invalid_span_id'],
    ['a parent id of 4 bytes', { ...SPAN, parentSpanId: 'b7ad6b71' }, 'invalid_parent_span_id'],
    ['no start', noStart, 'missing_time'],
    ['no end', noEnd, 'missing_time'],
  ])('with %s are rejected, the others kept', (_what, bad, reason) => {
    const last = { ...SPAN, name: 'last' };
    expect(validate('traces', traces(SPAN, bad, last))).toEqual({
      data: traces(SPAN, last),
      received: 3,
      rejected: { [reason]: 1 },
    });
  });

  test.each([
    ['without a name', { ...SPAN, name: undefined }],
    ['that end before they start', { ...SPAN, endTimeUnixNano: '1' }],
    ['with flags and a kind of the future', { ...SPAN, flags: 0xffff_ffff, kind: 99 }],
    ['with an attribute twice', { ...SPAN, attributes: [{ key: 'a' }, { key: 'a', value: { intValue: '1' } }] }],
    ['with a link to nothing', { ...SPAN, links: [{ traceState: 'a=b' }] }],
  ])('%s are kept', (_what, span) => {
    const request = traces(span);
    expect(validate('traces', request)).toEqual({
      data: JSON.parse(JSON.stringify(request)),
      received: 1,
      rejected: {},
    });
  });

  test('a parent id of zeros is none; ids of links that are no ids are left out', () => {
    const link = { traceId: 'ab', spanId: SPAN.spanId, traceState: 'a=b' };
    const span = {
      ...SPAN,
      parentSpanId: '0'.repeat(16),
      links: [link, { ...link, traceId: SPAN.traceId, spanId: '00' }],
    };
    expect(validate('traces', traces(span))).toEqual({
      data: traces({ ...SPAN, links: [{ traceState: 'a=b' }, { traceId: SPAN.traceId, traceState: 'a=b' }] }),
      received: 1,
      rejected: {},
    });
  });

  test('of all scopes and resources are looked at; a list of bad ones only is left out', () => {
    const scope = { spans: [noSpanId] };
    const request = { resourceSpans: [{ scopeSpans: [{ spans: [SPAN] }, scope] }, {}, { scopeSpans: [scope] }] };
    expect(validate('traces', request)).toEqual({
      data: { resourceSpans: [{ scopeSpans: [{ spans: [SPAN] }, {}] }, {}, { scopeSpans: [{}] }] },
      received: 3,
      rejected: { invalid_span_id: 2 },
    });
  });
});

describe('log records', () => {
  test.each([
    ['a trace id of 4 bytes', { traceId: 'abababab', spanId: SPAN.spanId }, {}],
    ['a trace id of zeros', { traceId: '0'.repeat(32), spanId: SPAN.spanId }, {}],
    ['a span id but no trace id', { spanId: SPAN.spanId }, {}],
    ['a span id of zeros', { traceId: SPAN.traceId, spanId: '0'.repeat(16) }, { traceId: SPAN.traceId }],
  ])('with %s are kept, not associated', (_what, ids, kept) => {
    expect(validate('logs', logs({ ...RECORD, ...ids }))).toEqual({
      data: logs({ ...RECORD, ...kept }),
      received: 1,
      rejected: {},
    });
  });

  test('that do not say when they were observed were observed now; the order of the keys stays', () => {
    const { data } = validate('logs', logs({ flags: 1, eventName: 'e' }));
    expect(JSON.stringify(data)).toBe(JSON.stringify(logs({ flags: 1, observedTimeUnixNano: NOW, eventName: 'e' })));
  });

  test('with a severity that is none are rejected', () => {
    const request = logs(...[0, 24, 25, -1].map((severityNumber) => ({ ...RECORD, severityNumber })));
    expect(validate('logs', request)).toMatchObject({ received: 4, rejected: { invalid_severity: 2 } });
  });
});

describe('metrics', () => {
  const gauge = { name: 'a', gauge: { dataPoints: [POINT] } };
  const histogram = (point: object, aggregationTemporality: number | undefined = 2): object => ({
    name: 'h',
    histogram: { dataPoints: [{ ...POINT, ...point }, POINT], aggregationTemporality },
  });

  test.each([
    ['no data', { name: 'm' }, 1, { bad_metric_data: 1 }],
    ['no name', { gauge: { dataPoints: [POINT, POINT] } }, 2, { missing_name: 2 }],
    ['no temporality of a sum', { name: 's', sum: { dataPoints: [POINT] } }, 1, { invalid_temporality: 1 }],
    [
      'an unknown temporality',
      { name: 's', sum: { dataPoints: [POINT], aggregationTemporality: 3 } },
      1,
      { invalid_temporality: 1 },
    ],
    [
      'a negative temporality',
      { name: 's', sum: { dataPoints: [POINT, POINT], aggregationTemporality: -1 } },
      2,
      { invalid_temporality: 2 },
    ],
    [
      'a negative temporality of a histogram',
      { name: 'h', histogram: { dataPoints: [POINT], aggregationTemporality: -2147483648 } },
      1,
      { invalid_temporality: 1 },
    ],
    [
      'no temporality of an exponential histogram',
      { name: 'e', exponentialHistogram: { dataPoints: [POINT] } },
      1,
      { invalid_temporality: 1 },
    ],
    ['only points without a time', { name: 'g', gauge: { dataPoints: [{ asInt: '1' }] } }, 1, { missing_time: 1 }],
  ])('with %s are rejected with their points, the others kept', (_what, bad, points, rejected) => {
    expect(validate('metrics', metrics(gauge, bad, gauge))).toEqual({
      data: metrics(gauge, gauge),
      received: points + 2,
      rejected,
    });
  });

  test.each([
    ['no bucket beyond the last bound', { bucketCounts: ['1'], explicitBounds: [1] }],
    ['bounds without buckets', { explicitBounds: [1] }],
    ['two buckets without a bound', { bucketCounts: ['1', '2'] }],
  ])('a point of a histogram with %s is rejected, the others kept', (_what, point) => {
    expect(validate('metrics', metrics(histogram(point)))).toEqual({
      data: metrics({ name: 'h', histogram: { dataPoints: [POINT], aggregationTemporality: 2 } }),
      received: 2,
      rejected: { bucket_mismatch: 1 },
    });
  });

  test.each([
    ['buckets around the bounds', { bucketCounts: ['1', '2'], explicitBounds: [1] }],
    ['one bucket, no bounds', { bucketCounts: ['1'] }],
    ['no buckets', {}],
  ])('a point of a histogram with %s is kept', (_what, point) => {
    expect(validate('metrics', metrics(histogram(point)))).toMatchObject({ received: 2, rejected: {} });
  });

  test('a gauge and a summary have no temporality; a metric without points says nothing, and stays', () => {
    const request = metrics(gauge, { name: 's', summary: { dataPoints: [POINT] } }, { name: 'none', gauge: {} });
    expect(validate('metrics', request)).toEqual({ data: request, received: 2, rejected: {} });
  });

  test('ids of exemplars that are no ids are left out', () => {
    const withIds = (ids: object): object => ({ ...POINT, exemplars: [{ ...ids, asInt: '1' }] });
    const bad = { name: 'a', gauge: { dataPoints: [withIds({ traceId: 'ab', spanId: 'cd' })] } };
    expect(validate('metrics', metrics(bad))).toEqual({
      data: metrics({ name: 'a', gauge: { dataPoints: [withIds({})] } }),
      received: 1,
      rejected: {},
    });
  });
});

test.each([
  ['a metric with three points', [3, -1], 'rejected 3 of 4 data points: 3 missing_name (the first is number 1)'],
  ['behind another', [-2, 3, -1, 2], 'rejected 5 of 8 data points: 5 missing_name (the first is number 3)'],
  ['without points', [-1, 0], 'rejected 1 of 2 data points: 1 missing_name (the first is number 2)'],
])('the words for a client: the first of %s', (_what, points, words) => {
  const counts = new ItemCounts();
  // Negative: points of a metric that is valid.
  const list = points.map((count) => ({
    ...(count < 0 && { name: 'm' }),
    gauge: { dataPoints: Array.from({ length: Math.abs(count) }, () => POINT) },
  }));
  const data: CanonicalMessage = JSON.parse(JSON.stringify(metrics(...list)));
  signals[1]?.validate(data, counts, NOW);
  expect(counts.describe('data point')).toBe(words);
});

test('the words for a client: how many, why, and the first of each', () => {
  const counts = new ItemCounts();
  const data: CanonicalMessage = JSON.parse(JSON.stringify(traces(SPAN, {}, { ...SPAN, spanId: 'ab' }, {})));
  signals[0]?.validate(data, counts, NOW);
  expect(counts.describe('span')).toBe(
    'rejected 3 of 4 spans: 2 invalid_trace_id (the first is number 2), 1 invalid_span_id (the first is number 3)',
  );
});

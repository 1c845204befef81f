import { SpanStatusCode, ValueType } from '@opentelemetry/api';
import { InMemoryLogRecordExporter, LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
import {
  AggregationTemporality,
  DataPointType,
  type MetricData,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
import { emptyResource } from '@opentelemetry/resources';
import { InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { describe, expect, it } from 'vitest';
import { decodeRequest } from '../../support/decode-request.ts';
import { flattenLogRecords, flattenMetrics, flattenSpans } from '../../support/flatten-otlp.ts';
import { encodeBatch } from '../../../src/otlp/encode-batch.ts';
import {
  logRecordEncoding,
  metricsEncoding,
  type OtlpEncoding,
  spanEncoding,
} from '../../../src/otlp/otlp-encoding.ts';

const FORMATS = ['http/protobuf', 'http/json'] as const;
type Format = (typeof FORMATS)[number];

function sent<T>(encoding: OtlpEncoding<T>, items: readonly T[]) {
  const batch = encodeBatch(encoding, items);
  if (batch.status === 'invalid') throw batch.error;
  const signal = encoding.noun === 'log records' ? 'logs' : 'metrics';
  const request = decodeRequest(signal, encoding.contentType, Buffer.from(batch.bytes));
  return { request, invalid: batch.invalid };
}

function endedSpan(name: string): ReadableSpan {
  const exporter = new InMemorySpanExporter();
  const provider = new TracerProvider({
    resource: emptyResource(),
    spanProcessors: [new SimpleSpanProcessor({ exporter })],
  });
  provider.getTracer('app').startSpan(name).end();
  const [span] = exporter.getFinishedSpans();
  if (span === undefined) throw new Error('no span ended');
  return span;
}

/** A span of an SDK that is not guarded. */
function spanWith(values: { readonly [key in keyof ReadableSpan]?: unknown }): ReadableSpan {
  return Object.assign(endedSpan('misused'), values);
}

function sentSpans(format: Format, bad: ReadableSpan) {
  const encoding = spanEncoding(format);
  const batch = encodeBatch(encoding, [endedSpan('before'), bad, endedSpan('after')]);
  if (batch.status === 'invalid') throw batch.error;
  const body = decodeRequest('traces', encoding.contentType, Buffer.from(batch.bytes));
  return { spans: flattenSpans(body, 0), invalid: batch.invalid };
}

const circular: Record<string, unknown> = {};
circular['self'] = circular;
const ids = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: 1 };

describe.each(FORMATS)('one bad span takes no neighbour along: %s', (format) => {
  it.each<[string, { readonly [key in keyof ReadableSpan]?: unknown }, object]>([
    ['no name', { name: undefined }, { name: 'unknown' }],
    ['a number for a name', { name: 42 }, { name: '42' }],
    ['an object for a name', { name: circular }, { name: 'unknown' }],
    ['a kind by name', { kind: 'server' }, { kind: 1 }],
    ['a kind that is none', { kind: 17 }, { kind: 1 }],
    ['times before 1970', { startTime: [-2, 0], endTime: [-1, 5] }, { name: 'misused' }],
    ['a status by name', { status: { code: 'ERROR' } }, { status: { code: 0, message: '' } }],
    ['a status message that is none', { status: { code: 2, message: {} } }, { status: { code: 0, message: '' } }],
    [
      'links without a context',
      { links: [undefined, {}, { context: undefined }] },
      { links: [], droppedLinksCount: 3 },
    ],
    ['a link with ids that are none', { links: [{ context: { ...ids, traceId: 'x' } }] }, { links: [] }],
    [
      'an event without a time',
      { events: [{ name: 'e', time: [Number.NaN, 0] }] },
      { events: [], droppedEventsCount: 1 },
    ],
    [
      'an event without a name',
      { events: [{ time: [1, 0] }] },
      { events: [expect.objectContaining({ name: 'unknown' })] },
    ],
    [
      'a scope without a name',
      { instrumentationScope: { name: undefined, version: 7 } },
      { scope: expect.objectContaining({ name: '', version: '7' }) },
    ],
  ])('%s is mended', (_what, values, mended) => {
    const { spans, invalid } = sentSpans(format, spanWith(values));
    expect(spans.toSorted((one, other) => Number(other.name === 'after') - Number(one.name === 'after'))).toHaveLength(
      3,
    );
    expect(spans.map(({ name }) => name)).toEqual(expect.arrayContaining(['before', 'after']));
    expect(spans.find(({ name }) => name !== 'before' && name !== 'after')).toMatchObject({
      name: 'misused',
      ...mended,
    });
    expect(invalid).toBe(undefined);
  });

  it.each<[string, { readonly [key in keyof ReadableSpan]?: unknown }]>([
    ['no start', { startTime: [Number.NaN, Number.NaN] }],
    ['an end that is not finite', { endTime: [Infinity, 0] }],
    ['an end beyond 64 bits of nanoseconds', { endTime: [1e15, 0] }],
    ['no time at all', { startTime: undefined }],
    ['circular attributes', { attributes: { circular } }],
    [
      'a getter that throws',
      {
        attributes: Object.defineProperty({}, 'bad', {
          enumerable: true,
          get: () => {
            throw new Error('no');
          },
        }),
      },
    ],
    ['no events', { events: null }],
    [
      'a context that throws',
      {
        spanContext: () => {
          throw new Error('no');
        },
      },
    ],
    ['a trace state that is none', { spanContext: () => ({ ...ids, traceState: 'a=b' }) }],
  ])('%s: it alone is counted', (_what, values) => {
    const { spans, invalid } = sentSpans(format, spanWith(values));
    expect(spans.map(({ name }) => name)).toEqual(['before', 'after']);
    expect(invalid).toEqual({ items: 1, size: 1, message: expect.stringMatching(/./) });
  });

  it('leaves what it mends as it was, and copies nothing that is right', () => {
    const good = endedSpan('good');
    const bad = spanWith({ name: undefined });
    let seen: readonly ReadableSpan[] = [];
    const encoding = {
      ...spanEncoding(format),
      serialize: (spans: readonly ReadableSpan[]) => Buffer.from(String((seen = spans).length)),
    };
    encodeBatch(encoding, [good, bad]);
    expect(seen[0]).toBe(good);
    expect(seen[1]).not.toBe(bad);
    expect(bad.name).toBe(undefined);
    const items = [good];
    encodeBatch(encoding, items);
    expect(seen).toBe(items);
  });
});

describe('encodeBatch', () => {
  const words = (serialize: (items: readonly string[]) => Uint8Array): OtlpEncoding<string> => ({
    contentType: 'text/words',
    noun: 'words',
    serialize,
    partialSuccess: () => ({ rejected: 0, message: '' }),
  });

  it('serialises a batch once where all is right, and about twice where not: the cost is linear', () => {
    let serialised = 0;
    const encoding = words((items) => {
      for (const item of items) {
        serialised += 1;
        if (item.startsWith('bad')) throw new Error(`${item} cannot be serialised`);
      }
      return Buffer.from(items.join(' '));
    });
    const good = Array.from({ length: 500 }, (_, index) => `good${index}`);
    expect(encodeBatch(encoding, good)).toMatchObject({ status: 'encoded', invalid: undefined });
    expect(serialised).toBe(500);
    serialised = 0;
    const mixed = good.flatMap((item, index) => (index % 5 === 0 ? [item, `bad${index}`] : [item]));
    const batch = encodeBatch(encoding, mixed);
    expect(batch).toEqual({
      status: 'encoded',
      bytes: Buffer.from(good.join(' ')),
      invalid: { items: 100, size: 100, message: 'bad0 cannot be serialised' },
    });
    expect(serialised).toBeLessThanOrEqual(2 * 600 + 500);
  });

  it('says so when nothing of it can be serialised', () => {
    const encoding = words(() => {
      throw new Error('no');
    });
    expect(encodeBatch(encoding, ['a', 'b'])).toEqual({ status: 'invalid', error: new Error('no') });
  });

  it('nor together, although each alone can be', () => {
    const encoding = words((items) => {
      if (items.length > 1) throw new Error('together');
      return Buffer.from(items.join(' '));
    });
    expect(encodeBatch(encoding, ['a', 'b'])).toEqual({ status: 'invalid', error: new Error('together') });
  });

  it('of nothing', () => {
    expect(
      encodeBatch(
        words(() => Buffer.of()),
        [],
      ),
    ).toEqual({
      status: 'invalid',
      error: new Error('there is nothing to serialise'),
    });
  });
});

describe.each(FORMATS)('one bad log record takes no neighbour along: %s', (format) => {
  function records(...bad: readonly object[]) {
    const exporter = new InMemoryLogRecordExporter();
    const provider = new LoggerProvider({
      resource: emptyResource(),
      processors: [new SimpleLogRecordProcessor({ exporter })],
    });
    const logger = provider.getLogger('app');
    for (const body of ['before', ...bad.map(() => 'misused'), 'after']) logger.emit({ body });
    return exporter.getFinishedLogRecords().map((record, index) => {
      const values = bad[index - 1];
      return values === undefined || record.body === 'after'
        ? record
        : Object.create(record, Object.getOwnPropertyDescriptors(values));
    });
  }

  it('mends what is no text and no severity', () => {
    const { request, invalid } = sent(
      logRecordEncoding(format),
      records(
        { severityNumber: 'info', severityText: 3, eventName: {} },
        { instrumentationScope: { name: undefined } },
      ),
    );
    expect(flattenLogRecords(request, 0)).toMatchObject([
      { body: 'before' },
      { body: 'misused', severityNumber: 0, severityText: '3', eventName: '' },
      { body: 'after' },
      { body: 'misused', scope: { name: '' } },
    ]);
    expect(invalid).toBe(undefined);
  });

  it.each([
    ['no time', { hrTime: [Number.NaN, Number.NaN] }],
    ['no time of observation', { hrTimeObserved: [0, Number.NaN] }],
    ['a circular body', { body: circular }],
    ['a flag that is no number', { spanContext: { ...ids, traceFlags: 1n } }],
  ])('%s: it alone is counted', (_what, values) => {
    const { request, invalid } = sent(logRecordEncoding(format), records(values));
    expect(flattenLogRecords(request, 0).map(({ body }) => body)).toEqual(['before', 'after']);
    expect(invalid).toMatchObject({ items: 1, size: 1 });
  });
});

describe.each(FORMATS)('one bad metric or data point takes no other along: %s', (format) => {
  const point = (value: number, values: object = {}) => ({
    startTime: [1, 0] as [number, number],
    endTime: [2, 0] as [number, number],
    attributes: { value },
    value,
    ...values,
  });
  const metric = (
    name: string,
    dataPoints: readonly ReturnType<typeof point>[],
    descriptor: object = {},
  ): MetricData => ({
    descriptor: { name, description: '', unit: '', valueType: ValueType.DOUBLE, ...descriptor },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
    dataPointType: DataPointType.GAUGE,
    dataPoints: [...dataPoints],
  });
  const collection = (...metrics: readonly MetricData[]): ResourceMetrics => ({
    resource: emptyResource(),
    scopeMetrics: [
      { scope: { name: 'app' }, metrics: [metric('before', [point(1)]), ...metrics, metric('after', [point(1)])] },
    ],
  });
  const bad = (values: object): object => values;

  it.each<[string, MetricData, number]>([
    ['a metric without a name', metric('m', [point(1), point(2)], { name: undefined }), 2],
    ['a metric whose points are all bad', metric('m', [point(1, bad({ attributes: { circular } }))]), 1],
  ])('%s', (_what, misused, lost) => {
    const { request, invalid } = sent(metricsEncoding(format), [collection(misused)]);
    expect(flattenMetrics(request, 0).map(({ name }) => name)).toEqual(['before', 'after']);
    expect(invalid).toMatchObject({ items: 0, size: lost });
  });

  it.each<[string, object]>([
    ['circular attributes', { attributes: { circular } }],
    [
      'a getter that throws',
      {
        attributes: Object.defineProperty({}, 'bad', {
          enumerable: true,
          get: () => {
            throw new Error('no');
          },
        }),
      },
    ],
    ['no time', { endTime: [Number.NaN, 0] }],
    ['no value', { value: undefined }],
  ])('a point with %s', (_what, values) => {
    const misused = metric('misused', [point(1), point(2, values), point(3)]);
    const { request, invalid } = sent(metricsEncoding(format), [collection(misused)]);
    expect(flattenMetrics(request, 0).map(({ name, value }) => `${name} ${value}`)).toEqual([
      'before 1',
      'misused 1',
      'misused 3',
      'after 1',
    ]);
    expect(invalid).toMatchObject({ items: 0, size: 1 });
  });

  it('mends unit and description, and integers beyond 64 bits as doubles', () => {
    const misused = metric('misused', [point(1e300), point(5)], { unit: 7, description: {}, valueType: ValueType.INT });
    const { request, invalid } = sent(metricsEncoding(format), [collection(misused)]);
    expect(flattenMetrics(request, 0).filter(({ name }) => name === 'misused')).toMatchObject([
      { unit: '7', description: '', value: 1e300 },
      { value: 5 },
    ]);
    expect(invalid).toBe(undefined);
  });

  it('a collection of nothing else is dropped as a whole', () => {
    const misused = metric('m', [point(1)], { name: undefined });
    const only: ResourceMetrics = {
      resource: emptyResource(),
      scopeMetrics: [{ scope: { name: 'app' }, metrics: [misused] }],
    };
    expect(encodeBatch(metricsEncoding(format), [only])).toEqual({
      status: 'invalid',
      error: new Error('a metric has no name'),
    });
  });

  it('a metric of 2000 points of which one is bad is serialised point by point once', () => {
    const misused = metric(
      'm',
      Array.from({ length: 2000 }, (_, index) => point(index, index === 7 ? bad({ attributes: { circular } }) : {})),
    );
    let calls = 0;
    const real = metricsEncoding(format);
    const encoding = {
      ...real,
      serialize: (items: readonly ResourceMetrics[]) => ((calls += 1), real.serialize(items)),
    };
    expect(encodeBatch(encoding, [collection(misused)])).toMatchObject({ status: 'encoded', invalid: { size: 1 } });
    expect(calls).toBeLessThan(2010);
  });
});

it('a good link stays', () => {
  const { spans } = sentSpans(
    'http/protobuf',
    spanWith({ links: [{ context: ids }, {}], status: { code: SpanStatusCode.OK } }),
  );
  expect(spans[1]).toMatchObject({ links: [{ traceId: ids.traceId }], droppedLinksCount: 1, status: { code: 1 } });
});

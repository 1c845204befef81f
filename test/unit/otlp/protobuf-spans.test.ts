import { isDeepStrictEqual } from 'node:util';
import { type Attributes, createTraceState, type SpanContext, SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { emptyResource, resourceFromAttributes } from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { describe, expect, it } from 'vitest';
import { decodeRequest } from '../../support/decode-request.ts';
import { spanEncoding } from '../../../src/otlp/otlp-encoding.ts';
import { traceRequestBytes } from '../../../src/otlp/protobuf-spans.ts';

const CONTEXT: SpanContext = {
  traceId: '0AF7651916cd43dd8448eb211c80319f',
  spanId: 'b7ad6b7169203331',
  traceFlags: 1,
};

function span(values: Partial<ReadableSpan> = {}, context: SpanContext = CONTEXT): ReadableSpan {
  return {
    name: 'GET /items/:id',
    kind: SpanKind.SERVER,
    spanContext: () => context,
    startTime: [1_764_265_479, 123_456_789],
    endTime: [1_764_265_480, 0],
    duration: [0, 0],
    status: { code: SpanStatusCode.UNSET },
    attributes: {},
    links: [],
    events: [],
    ended: true,
    resource: emptyResource(),
    instrumentationScope: { name: 'app' },
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
    ...values,
  };
}

function decoded(bytes: Uint8Array | undefined): unknown {
  return decodeRequest('traces', 'application/x-protobuf', Buffer.from(bytes ?? []));
}

/** Undefined if OpenTelemetry's serializer says the same of these spans. */
function mismatch(spans: readonly ReadableSpan[]): object | undefined {
  const theirs = decoded(ProtobufTraceSerializer.serializeRequest([...spans]));
  const ours = decoded(traceRequestBytes(spans));
  return isDeepStrictEqual(ours, theirs) ? undefined : { ours, theirs };
}

const TEXTS = [
  '',
  'a',
  'é',
  '日本語',
  '\ud800',
  '🎉',
  '"\\\u0000',
  ...[47, 48, 49, 126, 127, 128, 129, 5000, 70_000].map((n) => 'x'.repeat(n)),
];
const LONG = ['ü'.repeat(24), 'ü'.repeat(63), 'ü'.repeat(64), 'é'.repeat(6000), `${'x'.repeat(100)}日`];
const NUMBERS = [
  0,
  -0,
  1,
  127,
  128,
  2 ** 31,
  2 ** 32 - 1,
  2 ** 32,
  -1,
  -(2 ** 31),
  2 ** 53 - 1,
  -(2 ** 53) + 1,
  0.1,
  -1e300,
  NaN,
  Infinity,
];

describe('traceRequestBytes', () => {
  it.each([...TEXTS, ...LONG].map((text) => [`${text.length} of ${JSON.stringify(text.slice(0, 3))}`, text]))(
    'a text: %s',
    (_, text) => {
      expect(
        mismatch([
          span({ name: text, attributes: { text, [`key ${text}`]: text }, status: { code: 2, message: text } }),
        ]),
      ).toBeUndefined();
    },
  );

  it.each(NUMBERS)('the number %d', (number) => {
    expect(mismatch([span({ attributes: { number, list: [number, number] } })])).toBeUndefined();
  });

  it('the largest and the smallest integer', () => {
    const [whole] = NUMBERS;
    expect(whole).toBe(0);
    const bytes = traceRequestBytes([span({ attributes: { least: -(2 ** 63), most: 2 ** 63 - 1024 } })]);
    expect(JSON.stringify(decoded(bytes))).toContain('-9223372036854775808');
    expect(JSON.stringify(decoded(bytes))).toContain('9223372036854774784');
  });

  it.each<[string, Attributes]>([
    ['booleans', { yes: true, no: false }],
    ['bytes', { none: new Uint8Array(), some: new Uint8Array([0, 255]), many: new Uint8Array(300).fill(7) }],
    ['nested', { map: { list: [1, 'a', { deep: [null, undefined, true] }], empty: {} }, none: [] }],
    ['more than 127 bytes in a list', { list: Array.from({ length: 100 }, (_, index) => `item ${index}`) }],
  ])('attributes: %s', (_, attributes) => {
    expect(mismatch([span({ attributes })])).toBeUndefined();
  });

  it.each<[number, number]>([
    [0, 1],
    [1, 999_999_999],
    [65_535, 1],
    [65_536, 0],
    [4_294_967_295, 999_999_999],
    [4_294_967_296, 0],
    [18_446_744_072, 999_999_999],
  ])('the time %d s and %d ns', (seconds, nanos) => {
    const bytes = traceRequestBytes([span({ endTime: [seconds, nanos] })]);
    expect(JSON.stringify(decoded(bytes))).toContain(`"${BigInt(seconds) * 1_000_000_000n + BigInt(nanos)}"`);
  });

  it('parents, trace state, events, links, counts, kinds and scopes', () => {
    const traceState = createTraceState('a=1,b=2');
    const resource = resourceFromAttributes(
      { 'service.name': 'shop', list: ['a', 'b'] },
      { schemaUrl: 'https://schema/1' },
    );
    const scope = { name: 'other', version: '1.2', schemaUrl: 'https://schema/2' };
    expect(
      mismatch([
        span({ parentSpanContext: { ...CONTEXT, isRemote: true } }, { ...CONTEXT, traceState }),
        span({ parentSpanContext: { ...CONTEXT, spanId: '' }, resource, kind: SpanKind.CONSUMER }),
        span({ resource, instrumentationScope: scope, status: { code: SpanStatusCode.OK } }),
        span({
          resource,
          events: [
            { name: 'first', time: [1_764_265_479, 5] },
            { name: 'second', time: [0, 0], attributes: { a: 1 }, droppedAttributesCount: 200 },
          ],
          links: [
            { context: { ...CONTEXT, isRemote: true, traceState } },
            { context: CONTEXT, attributes: { b: 'c' }, droppedAttributesCount: 3 },
          ],
          droppedAttributesCount: 1,
          droppedEventsCount: 300,
          droppedLinksCount: 70_000,
        }),
      ]),
    ).toBeUndefined();
  });

  it('more spans than the first buffer holds, and none', () => {
    const many = Array.from({ length: 700 }, (_, index) =>
      span({ name: `span ${index}`, attributes: { index, pad: 'é'.repeat(index) } }),
    );
    expect(mismatch(many)).toBeUndefined();
    expect(mismatch(many.slice(0, 3))).toBeUndefined();
    expect(mismatch([])).toBeUndefined();
  });

  it('values that come again, and those that do not', () => {
    const long = 'x'.repeat(300);
    const values = [
      'a',
      'a',
      'a',
      'b',
      'b',
      1,
      1,
      '1',
      1,
      true,
      true,
      'true',
      0,
      -0,
      0,
      NaN,
      NaN,
      0.5,
      0.5,
      long,
      long,
      'é',
      'é',
      'é',
      null,
      null,
      [1],
      [1],
      '',
      '',
    ];
    expect(mismatch(values.map((again) => span({ attributes: { again, other: 'same' } })))).toBeUndefined();
    expect(mismatch(values.map((again) => span({ attributes: { again } })))).toBeUndefined();
  });

  it('when an attribute throws, the next batch is whole', () => {
    const bad = span({
      attributes: {
        get broken(): string {
          throw new Error('broken');
        },
      },
    });
    expect(() => traceRequestBytes([span(), bad])).toThrow('broken');
    expect(mismatch([span({ attributes: { a: 1 } })])).toBeUndefined();
  });

  it('while another batch is being encoded', () => {
    let inner: Uint8Array | undefined;
    const outer = span({
      attributes: {
        get first(): string {
          inner = traceRequestBytes([span({ name: 'inner' })]);
          return 'read';
        },
      },
    });
    const bytes = traceRequestBytes([span({ name: 'before' }), outer, span({ name: 'after' })]);
    const plain = [span({ name: 'before' }), span({ attributes: { first: 'read' } }), span({ name: 'after' })];
    expect(decoded(bytes)).toEqual(decoded(ProtobufTraceSerializer.serializeRequest(plain)));
    expect(decoded(inner)).toEqual(decoded(ProtobufTraceSerializer.serializeRequest([span({ name: 'inner' })])));
  });
});

it('reads the response to spans', () => {
  const encoding = spanEncoding('http/protobuf');
  // ExportTraceServiceResponse { partial_success { rejected_spans: 3, error_message: "no" } }
  expect(encoding.partialSuccess(Buffer.from('0a06080312026e6f', 'hex'))).toEqual({ rejected: 3, message: 'no' });
  expect(encoding.partialSuccess(Buffer.alloc(0))).toEqual({ rejected: 0, message: '' });
});

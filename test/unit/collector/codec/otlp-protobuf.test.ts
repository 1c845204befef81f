import { describe, expect, test } from 'vitest';
import protobuf from 'protobufjs/minimal.js';
import type { CanonicalMessage } from '../../../../src/collector/codec/canonical.ts';
import { DecodeFailure } from '../../../../src/collector/codec/decode-failure.ts';
import { decodeJson } from '../../../../src/collector/codec/otlp-json.ts';
import { decodeProtobuf, encodeProtobuf } from '../../../../src/collector/codec/otlp-protobuf.ts';
import type { MessageName } from '../../../../src/collector/codec/otlp-schema.ts';
import { logSample, metricSample, traceSample } from '../support/sdk-samples.ts';

const writer = (): protobuf.Writer => protobuf.Writer.create();
const decodeBytes = (name: MessageName, bytes: Uint8Array): CanonicalMessage =>
  decodeProtobuf(name, Buffer.from(bytes));

/** Everything the SDK does not send. Each value is the largest or the oddest that its field takes. */
const rare: CanonicalMessage = {
  resourceMetrics: [
    {
      resource: {
        attributes: [{ key: 'host.name', value: { stringValue: 'h' } }],
        droppedAttributesCount: 4294967295,
        entityRefs: [
          { schemaUrl: 'https://e', type: 'host', idKeys: ['host.name', ''], descriptionKeys: ['host.type'] },
        ],
      },
      scopeMetrics: [
        {
          metrics: [
            {
              name: 'summary',
              summary: {
                dataPoints: [
                  {
                    timeUnixNano: '18446744073709551615',
                    count: '3',
                    sum: -1.5,
                    quantileValues: [
                      { value: 1 },
                      { quantile: 0.5, value: 'NaN' },
                      { quantile: 1, value: '-Infinity' },
                    ],
                    flags: 1,
                  },
                ],
              },
              metadata: [{ key: 'k', value: { doubleValue: 'Infinity' } }, { key: 'nothing' }],
            },
            {
              name: 'gauge',
              gauge: {
                dataPoints: [
                  {
                    exemplars: [
                      { asDouble: 0, spanId: 'b7ad6b7169203331', traceId: '0af7651916cd43dd8448eb211c80319c' },
                      { timeUnixNano: '1', asInt: '0', filteredAttributes: [{ key: 'a', value: { bytesValue: '' } }] },
                    ],
                    asInt: '-9223372036854775808',
                    flags: 4294967295,
                  },
                  { asDouble: 0 },
                ],
              },
            },
            {
              name: 'exponential',
              exponentialHistogram: {
                dataPoints: [
                  {
                    count: '2',
                    sum: 0,
                    scale: -2147483648,
                    negative: { offset: 2147483647, bucketCounts: ['18446744073709551615', '0'] },
                    min: 0,
                    max: 0,
                    zeroThreshold: 5e-324,
                  },
                ],
                aggregationTemporality: 2,
              },
            },
            { name: 'empty', sum: {} },
          ],
          schemaUrl: 'https://opentelemetry.io/schemas/1.45.0',
        },
      ],
    },
  ],
};

test('what the SDK does not send comes back as it was, from both encodings', () => {
  expect(JSON.stringify(decodeBytes('MetricsData', encodeProtobuf('MetricsData', rare)))).toBe(JSON.stringify(rare));
  expect(JSON.stringify(decodeJson('MetricsData', Buffer.from(JSON.stringify(rare))))).toBe(JSON.stringify(rare));
});

test('what the SDK sends comes back as it was', async () => {
  const samples = [
    ['TracesData', traceSample()],
    ['MetricsData', await metricSample()],
    ['LogsData', logSample()],
  ] as const;
  for (const [name, sample] of samples) {
    const data = decodeProtobuf(name, sample.protobuf);
    expect(decodeBytes(name, encodeProtobuf(name, data))).toEqual(data);
  }
});

describe('the wire format', () => {
  test('unknown fields of every wire type, and groups, are skipped', () => {
    const bytes = writer()
      .uint32((5 << 3) | 2)
      .string('name')
      .uint32((100 << 3) | 0)
      .uint64('18446744073709551615')
      .uint32((101 << 3) | 1)
      .fixed64(7)
      .uint32((102 << 3) | 2)
      .string('skipped')
      .uint32((103 << 3) | 5)
      .fixed32(7)
      .uint32((104 << 3) | 3)
      .uint32((1 << 3) | 0)
      .uint32(1)
      .uint32((104 << 3) | 4)
      .uint32((6 << 3) | 0)
      .int32(3)
      .finish();
    expect(decodeBytes('Span', bytes)).toEqual({ name: 'name', kind: 3 });
  });

  test('a known field of another wire type is an unknown field', () => {
    const bytes = writer()
      .uint32((5 << 3) | 0)
      .uint32(1)
      .uint32((6 << 3) | 2)
      .string('x')
      .uint32((15 << 3) | 0)
      .uint32(1)
      .uint32((9 << 3) | 0)
      .uint32(1)
      .uint32((16 << 3) | 5)
      .fixed32(1)
      .finish();
    expect(decodeBytes('Span', bytes)).toEqual({ flags: 1 });
  });

  test('the last scalar wins, the default too', () => {
    const bytes = writer()
      .uint32((5 << 3) | 2)
      .string('first')
      .uint32((6 << 3) | 0)
      .int32(1)
      .uint32((5 << 3) | 2)
      .string('last')
      .uint32((6 << 3) | 0)
      .int32(0)
      .finish();
    expect(decodeBytes('Span', bytes)).toEqual({ name: 'last' });
  });

  test('the last member of a oneof wins', () => {
    const bytes = writer()
      .uint32((1 << 3) | 2)
      .string('text')
      .uint32((2 << 3) | 0)
      .bool(false)
      .finish();
    expect(decodeBytes('AnyValue', bytes)).toEqual({ boolValue: false });
    const list = writer()
      .uint32((3 << 3) | 0)
      .int64(1)
      .uint32((5 << 3) | 2)
      .fork()
      .ldelim()
      .finish();
    expect(decodeBytes('AnyValue', list)).toEqual({ arrayValue: {} });
  });

  test('two halves of a singular message are merged', () => {
    const bytes = writer()
      .uint32((15 << 3) | 2)
      .fork()
      .uint32((3 << 3) | 0)
      .int32(2)
      .ldelim()
      .uint32((15 << 3) | 2)
      .fork()
      .uint32((2 << 3) | 2)
      .string('why')
      .ldelim()
      .finish();
    expect(JSON.stringify(decodeBytes('Span', bytes))).toBe('{"status":{"message":"why","code":2}}');
  });

  test('fields in another order are stored in the order of the schema', () => {
    const bytes = writer()
      .uint32((6 << 3) | 0)
      .int32(2)
      .uint32((1 << 3) | 2)
      .bytes(Buffer.from([0xab]))
      .uint32((5 << 3) | 2)
      .string('n')
      .finish();
    expect(JSON.stringify(decodeBytes('Span', bytes))).toBe('{"traceId":"ab","name":"n","kind":2}');
  });

  test('lists of numbers come packed, unpacked and mixed', () => {
    const bytes = writer()
      .uint32((2 << 3) | 0)
      .uint64(1)
      .uint32((2 << 3) | 2)
      .fork()
      .uint64(2)
      .uint64('18446744073709551615')
      .ldelim()
      .uint32((2 << 3) | 2)
      .fork()
      .ldelim()
      .uint32((2 << 3) | 0)
      .uint64(4)
      .finish();
    expect(decodeBytes('Buckets', bytes)).toEqual({ bucketCounts: ['1', '2', '18446744073709551615', '4'] });
    expect(
      decodeBytes(
        'Buckets',
        writer()
          .uint32((2 << 3) | 2)
          .fork()
          .ldelim()
          .finish(),
      ),
    ).toEqual({});
  });

  test('a string that is no UTF-8 is kept, with replacement characters', () => {
    const bytes = writer()
      .uint32((5 << 3) | 2)
      .bytes(Buffer.from([0x61, 0xff, 0x62]))
      .finish();
    expect(decodeBytes('Span', bytes)).toEqual({ name: 'a\ufffdb' });
  });
});

describe('bytes that are no protobuf', () => {
  test.each([
    ['field number 0', [0x00, 0x01]],
    ['an end of group without its start', [0x0c]],
    ['wire type 7', [0x0f]],
    ['a message that claims more than there is', [0x0a, 0x7f, 0x00]],
    ['a string inside that reaches into the next message', [0x0a, 0x02, 0x1a, 0x02, 0x0a, 0x00]],
    ['a varint without end', [0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]],
    ['groups nested without end', Array.from({ length: 5000 }, () => 0x7b)],
  ])('%s', (_what, bytes) => {
    expect(() => decodeBytes('TracesData', Buffer.from(bytes))).toThrow(DecodeFailure);
  });

  test('a packed list that ends within an element', () => {
    expect(() => decodeBytes('Buckets', Buffer.from([0x12, 0x02, 0x01, 0x80, 0x01]))).toThrow(DecodeFailure);
    expect(() => decodeBytes('HistogramDataPoint', Buffer.from([0x32, 0x09, ...Array(9).fill(1), 1, 1]))).toThrow(
      DecodeFailure,
    );
  });

  test('a request cut off anywhere, or with any byte changed, decodes or is refused, and nothing else', () => {
    const { protobuf: body } = traceSample(1);
    let refused = 0;
    const attempt = (bytes: Buffer): void => {
      try {
        JSON.stringify(decodeProtobuf('TracesData', bytes));
      } catch (error) {
        if (!(error instanceof DecodeFailure)) throw error;
        refused++;
      }
    };
    for (let length = 0; length < body.length; length++) attempt(body.subarray(0, length));
    const cuts = refused;
    for (let index = 0; index < body.length; index++) {
      for (const value of [0x00, 0x7f, 0x80, 0xff]) {
        const changed = Buffer.from(body);
        changed[index] = value;
        attempt(changed);
      }
    }
    // The empty request is the one cut that is whole.
    expect(cuts).toBe(body.length - 1);
    expect(refused).toBeGreaterThan(cuts);
  });
});

test('values may nest 100 deep', () => {
  const nested = (depth: number): CanonicalMessage =>
    depth === 1 ? { boolValue: true } : { arrayValue: { values: [nested(depth - 1)] } };
  const allowed = nested(100);
  expect(decodeBytes('AnyValue', encodeProtobuf('AnyValue', allowed))).toEqual(allowed);
  expect(() => decodeBytes('AnyValue', encodeProtobuf('AnyValue', nested(101)))).toThrow(
    'attribute values nested deeper than 100',
  );
});

test('a value that is not of the schema is not written', () => {
  expect(() => encodeProtobuf('RpcStatus', { message: { a: 1 } })).toThrow(
    new TypeError('message: not a value of the schema'),
  );
});

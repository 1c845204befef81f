import { gzipSync } from 'node:zlib';
import { encodeProtobuf } from '../../src/collector/codec/otlp-protobuf.ts';
import { decodeJson } from '../../src/collector/codec/otlp-json.ts';
import type { MessageName } from '../../src/collector/codec/otlp-schema.ts';
import { type Encoding } from './made-requests.ts';

export interface Mutated {
  readonly path: string;
  readonly encoding: Encoding;
  readonly gzip: boolean;
  readonly body: Buffer;
}

const any = (value: object): object => ({ key: 'k', value });
const attributes = [
  any({ stringValue: 'grüße 🌍 "\\\n' }),
  any({ intValue: '9223372036854775807' }),
  any({ doubleValue: 'NaN' }),
  any({ bytesValue: '/+8=' }),
  any({ arrayValue: { values: [{}, { boolValue: false }, { kvlistValue: { values: [any({ stringValue: 'x' })] } }] } }),
];
const ids = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' };
const time = { startTimeUnixNano: '1700000000000000000', timeUnixNano: '1700000000000000001' };
const resource = { resource: { attributes }, schemaUrl: 'https://example.invalid' };

const SEEDS: readonly (readonly [path: string, message: MessageName, request: object])[] = [
  [
    '/v1/traces',
    'TracesData',
    {
      resourceSpans: [
        {
          ...resource,
          scopeSpans: [
            {
              scope: { name: 's', attributes },
              spans: [
                {
                  ...ids,
                  parentSpanId: ids.spanId,
                  name: 'n',
                  kind: 3,
                  startTimeUnixNano: '1700000000000000000',
                  endTimeUnixNano: '1700000000000000001',
                  attributes,
                  events: [{ timeUnixNano: '1', name: 'e', attributes }],
                  links: [{ ...ids, traceState: 'a=b' }],
                  status: { code: 2, message: 'm' },
                },
              ],
            },
          ],
        },
      ],
    },
  ],
  [
    '/v1/metrics',
    'MetricsData',
    {
      resourceMetrics: [
        {
          ...resource,
          scopeMetrics: [
            {
              metrics: [
                {
                  name: 'g',
                  unit: 's',
                  gauge: { dataPoints: [{ ...time, asDouble: 1.5, exemplars: [{ ...ids, asInt: '-1' }] }] },
                },
                {
                  name: 's',
                  sum: { dataPoints: [{ ...time, asInt: '5' }], aggregationTemporality: 2, isMonotonic: true },
                },
                {
                  name: 'h',
                  histogram: {
                    dataPoints: [
                      { ...time, count: '3', sum: 4.5, bucketCounts: ['1', '2'], explicitBounds: [1], min: 0 },
                    ],
                    aggregationTemporality: 1,
                  },
                },
                {
                  name: 'e',
                  exponentialHistogram: {
                    dataPoints: [
                      { ...time, count: '1', scale: -3, positive: { offset: -1, bucketCounts: ['1', '0'] } },
                    ],
                    aggregationTemporality: 2,
                  },
                },
                { name: 'q', summary: { dataPoints: [{ ...time, quantileValues: [{ quantile: 0.5, value: 1 }] }] } },
              ],
            },
          ],
        },
      ],
    },
  ],
  [
    '/v1/logs',
    'LogsData',
    {
      resourceLogs: [
        {
          ...resource,
          scopeLogs: [
            {
              logRecords: [
                {
                  ...ids,
                  timeUnixNano: '1',
                  severityNumber: 9,
                  severityText: 'INFO',
                  body: { stringValue: 'b' },
                  attributes,
                  eventName: 'x',
                },
              ],
            },
          ],
        },
      ],
    },
  ],
];

/** JSON that replaces a value, mostly of another type. */
const WORDS = [
  'null',
  '{}',
  '[]',
  '""',
  '-1',
  '1e400',
  '0.5',
  '"x"',
  'true',
  '99999999999999999999',
  '[[[[',
  '}}',
  ',',
  '"\\u0000"',
  '\u0000',
];

type Random = () => number;

const seeds = SEEDS.map(([path, message, request]) => {
  const json = Buffer.from(JSON.stringify(request));
  return { path, json, protobuf: Buffer.from(encodeProtobuf(message, decodeJson(message, json))) };
});

/** A valid request with random changes; the same for the same random numbers. */
export function mutated(random: Random): Mutated {
  const pick = <Value>(values: readonly Value[]): Value => {
    const value = values[Math.floor(random() * values.length)];
    if (value === undefined) throw new Error('nothing to pick from');
    return value;
  };
  const seed = pick(seeds);
  const encoding: Encoding = random() < 0.5 ? 'json' : 'protobuf';
  let body: Buffer = Buffer.from(seed[encoding]);
  const changes = Math.floor(random() * 6);
  for (let change = 0; change < changes; change += 1) body = changed(body, random, pick, encoding);
  const gzip = random() < 0.2;
  if (gzip) {
    body = gzipSync(body, { level: 1 });
    if (random() < 0.3) body = changed(body, random, pick, 'protobuf');
  }
  // Sometimes the declared encoding or compression is wrong.
  return { path: seed.path, encoding: random() < 0.05 ? 'json' : encoding, gzip: random() < 0.02 ? !gzip : gzip, body };
}

function changed(
  body: Buffer,
  random: Random,
  pick: <Value>(values: readonly Value[]) => Value,
  encoding: Encoding,
): Buffer {
  const at = Math.floor(random() * body.length);
  const length = Math.floor(random() * random() * 40);
  const before = body.subarray(0, at);
  const after = body.subarray(Math.min(body.length, at + length));
  const kind = Math.floor(random() * 6);
  if (kind === 0 && body.length > 0) {
    const copy = Buffer.from(body);
    copy[at] = Math.floor(random() * 256);
    return copy;
  }
  if (kind === 1) return Buffer.concat([before, after]);
  if (kind === 2) return body.subarray(0, at);
  if (kind === 3) return Buffer.concat([before, body.subarray(at, at + length), body.subarray(at)]);
  if (kind === 4 && encoding === 'json') return Buffer.concat([before, Buffer.from(pick(WORDS)), after]);
  return Buffer.concat([
    before,
    Buffer.from(Array.from({ length: 1 + (length % 8) }, () => Math.floor(random() * 256))),
    after,
  ]);
}

import { gzipSync } from 'node:zlib';
import { encodeProtobuf } from '../../src/collector/codec/otlp-protobuf.ts';
import { decodeJson } from '../../src/collector/codec/otlp-json.ts';
import { CONTENT_TYPES, type Encoding, MadeRequest } from './made-requests.ts';

const MIB = 1024 * 1024;
/** A span of a made request, as JSON and as protobuf. */
const SPAN_BYTES: Readonly<Record<Encoding, number>> = { json: 960, protobuf: 430 };
const TIME = '1764000000000000000';

interface Offered {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** More than the collector can hold. */
export interface OfferedLoad {
  readonly name: string;
  readonly connections: number;
  readonly perConnection: number;
  /** Each connection sends them in order. */
  readonly make: () => readonly Offered[];
}

function offered(path: string, encoding: Encoding, body: Buffer, gzip = false): Offered {
  const coding = gzip ? { 'content-encoding': 'gzip' } : undefined;
  return {
    path,
    headers: { 'content-type': CONTENT_TYPES[encoding], ...coding },
    body: gzip ? gzipSync(body, { level: 1 }) : body,
  };
}

const spans = (encoding: Encoding, bytes: number): Offered =>
  offered('/v1/traces', encoding, new MadeRequest(encoding, Math.floor(bytes / SPAN_BYTES[encoding])).numbered(1));

const gzipped = (encoding: Encoding, bytes: number): Offered => {
  const { body } = spans(encoding, bytes);
  return offered('/v1/traces', encoding, body, true);
};

const logs = (records: readonly object[]): object => ({ resourceLogs: [{ scopeLogs: [{ logRecords: records }] }] });
const record = (body: object): object => ({ timeUnixNano: TIME, body });
const gauge = (points: number): object => ({
  name: 'gauge',
  gauge: { dataPoints: Array.from({ length: points }, (_, index) => ({ timeUnixNano: TIME, asDouble: index + 0.5 })) },
});
const metrics = (list: readonly object[]): object => ({ resourceMetrics: [{ scopeMetrics: [{ metrics: list }] }] });
const json = (request: object): Buffer => Buffer.from(JSON.stringify(request));
const times = (count: number, item: object): readonly object[] => Array.from({ length: count }, () => item);

/** Strings of control characters, each of which is six bytes in JSON, and one character that makes V8 use two bytes for each. */
function escaped(): Buffer {
  const one = json(logs([record({ stringValue: `${'\u0001'.repeat(2.6 * MIB)}€` })]));
  const encoded = encodeProtobuf(
    'LogsData',
    decodeJson('LogsData', one, { valuesLeft: Infinity, messagesLeft: Infinity }),
  );
  return Buffer.concat(Array.from({ length: 22 }, () => encoded));
}

const anArray = (count: number): object => ({ arrayValue: { values: times(count, { intValue: '1' }) } });

/** Ten metrics, each with nearly the maximum number of buckets. */
function buckets(): Buffer {
  const point = { timeUnixNano: TIME, positive: { bucketCounts: Array.from({ length: 320 }, (_, index) => index) } };
  const metric = { name: 'x', exponentialHistogram: { aggregationTemporality: 2, dataPoints: times(1500, point) } };
  return json(metrics(times(10, metric)));
}

/** A gzip body that declares 2 MiB and contains a hundred times as much. */
function understatedBomb(): Offered {
  const request = offered('/v1/traces', 'protobuf', Buffer.alloc(200 * MIB), true);
  request.body.writeUInt32LE(2 * MIB, request.body.length - 4);
  return request;
}

const loads: readonly (readonly [string, number, number, () => readonly Offered[]])[] = [
  ['64 connections, 512 spans, JSON', 64, 40, () => [spans('json', 512 * 960)]],
  ['32 connections, 8 MiB, JSON', 32, 6, () => [spans('json', 8 * MIB)]],
  ['16 connections, 60 MiB, JSON', 16, 3, () => [spans('json', 60 * MIB)]],
  ['16 connections, 60 MiB, protobuf', 16, 3, () => [spans('protobuf', 60 * MIB)]],
  ['16 connections, 60 MiB of JSON, gzip', 16, 3, () => [gzipped('json', 60 * MIB)]],
  [
    '96 connections, 1 MiB of each signal, JSON',
    96,
    20,
    () => [
      spans('json', MIB),
      offered('/v1/logs', 'json', json(logs(times(9000, record({ stringValue: 'hello' }))))),
      offered('/v1/metrics', 'json', json(metrics(times(10, gauge(1500))))),
    ],
  ],
  [
    '48 connections, 4 to 40 MiB of each signal, JSON and protobuf',
    48,
    8,
    () => [
      spans('json', 8 * MIB),
      spans('protobuf', 40 * MIB),
      offered('/v1/logs', 'json', json(logs(times(60_000, record({ stringValue: 'hello' }))))),
      offered('/v1/metrics', 'json', json(metrics(times(200, gauge(500))))),
    ],
  ],
  [
    '16 connections, metrics of 60 000 points each, JSON, gzip',
    16,
    4,
    () => [offered('/v1/metrics', 'json', json(metrics(times(15, gauge(60_000)))), true)],
  ],
  [
    '16 connections, arrays of 95 000 values, JSON, gzip',
    16,
    4,
    () => [offered('/v1/logs', 'json', json(logs(times(35, record(anArray(95_000))))), true)],
  ],
  [
    '16 connections, texts that are all escapes, protobuf, gzip',
    16,
    4,
    () => [offered('/v1/logs', 'protobuf', escaped(), true)],
  ],
  [
    '16 connections, histograms of 480 000 buckets each, JSON, gzip',
    16,
    4,
    () => [offered('/v1/metrics', 'json', buckets(), true)],
  ],
  [
    '16 connections, records of 300 KiB, JSON',
    16,
    3,
    () => [offered('/v1/logs', 'json', json(logs(times(180, record({ stringValue: 'x'.repeat(300 * 1024) })))))],
  ],
  [
    '16 connections, one item of 60 MiB, JSON',
    16,
    4,
    () => [offered('/v1/logs', 'json', json(logs([record({ stringValue: 'x'.repeat(60 * MIB) })])))],
  ],
  [
    '16 connections, a resource of 60 MiB, JSON',
    16,
    4,
    () => [
      offered(
        '/v1/traces',
        'json',
        json({ resourceSpans: [{ resource: { attributes: [{ key: 'x'.repeat(60 * MIB) }] }, scopeSpans: [{}] }] }),
      ),
    ],
  ],
  [
    '16 connections, a bomb of 1 GiB, gzip',
    16,
    20,
    () => [offered('/v1/traces', 'protobuf', Buffer.alloc(1024 * MIB), true)],
  ],
  ['16 connections, a gzip bomb of 200 MiB that declares 2', 16, 20, () => [understatedBomb()]],
  [
    '16 connections, empty spans, 60 MiB, gzip',
    16,
    5,
    () => {
      const request = `{"resourceSpans":[{"scopeSpans":[{"spans":[{}${',{}'.repeat(20 * MIB)}]}]}]}`;
      return [offered('/v1/traces', 'json', Buffer.from(request), true)];
    },
  ],
  [
    '16 connections, empty resources, 60 MiB of protobuf, gzip',
    16,
    5,
    () => [offered('/v1/traces', 'protobuf', Buffer.alloc(60 * MIB, Buffer.from([0x0a, 0])), true)],
  ],
];

export const offeredLoads: readonly OfferedLoad[] = loads.map(([name, connections, perConnection, make]) => ({
  name,
  connections,
  perConnection,
  make,
}));

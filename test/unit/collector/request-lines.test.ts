import { describe, expect, test } from 'vitest';
import type { Encoding } from '../../../src/collector/codec/otlp-codec.ts';
import { decodeJson } from '../../../src/collector/codec/otlp-json.ts';
import { encodeProtobuf } from '../../../src/collector/codec/otlp-protobuf.ts';
import { DecodeScheduler } from '../../../src/collector/decode-scheduler.ts';
import { linesOf } from '../../../src/collector/request-lines.ts';
import { type OtlpSignal, type SignalName, signals } from '../../../src/collector/signals.ts';
import { ItemCounts } from '../../../src/collector/validation/item-counts.ts';
import { logs, metrics, POINT, RECORD, SPAN, traces } from './support/items.ts';

interface Read {
  readonly lines: readonly Buffer[];
  readonly refusal: string | undefined;
  readonly received: number;
  readonly rejected: Readonly<Record<string, number>>;
}

function signalOf(name: SignalName): OtlpSignal {
  const signal = signals.find((candidate) => candidate.name === name);
  if (signal === undefined) throw new Error(name);
  return signal;
}

async function read(name: SignalName, encoding: Encoding, request: object): Promise<Read> {
  const signal = signalOf(name);
  const counts = new ItemCounts();
  const lines: Buffer[] = [];
  let refusal: string | undefined;
  const bytes = bodies[encoding](signal, request);
  for await (const line of linesOf({ signal, encoding, bytes, nowNano: '1' }, counts, new DecodeScheduler())) {
    if (Buffer.isBuffer(line)) lines.push(line);
    else refusal = line.message;
  }
  return { lines, refusal, received: counts.received, rejected: Object.fromEntries(counts.reasons()) };
}

const bodies: Readonly<Record<Encoding, (signal: OtlpSignal, request: object) => Buffer>> = {
  json: (_signal, request) => Buffer.from(JSON.stringify(request)),
  protobuf({ message }, request) {
    const data = decodeJson(message, Buffer.from(JSON.stringify(request)), {
      valuesLeft: Infinity,
      messagesLeft: Infinity,
    });
    return Buffer.from(encodeProtobuf(message, data));
  },
};

const times = <Value>(count: number, value: Value): Value[] => Array.from({ length: count }, () => value);
const attribute = (key: string, value: object): object => ({ key, value });
const values = (count: number): object => ({
  arrayValue: { values: Array.from({ length: count }, () => ({ intValue: '1' })) },
});

describe.each(['json', 'protobuf'] as const)('of a request in %s', (encoding) => {
  test.each([300, 500, 700, 900, 1100, 2500])(
    'with %i ordinary spans no line has the 1 MiB at which readers of such files cut lines by default',
    async (count) => {
      const attributes = Array.from({ length: 12 }, (_, index) => attribute(`some.key.${index}`, { intValue: '1' }));
      const spans = Array.from({ length: count }, () => ({ ...SPAN, attributes }));
      const { lines, received, rejected } = await read('traces', encoding, traces(...spans));
      expect({ received, rejected }).toEqual({ received: count, rejected: {} });
      expect(Math.max(...lines.map(({ length }) => length))).toBeLessThan(1024 * 1024);
    },
  );

  test('an item of too many bytes is rejected, and the others are stored', async () => {
    const large = { ...SPAN, name: 'x'.repeat(5_000_000) };
    const { lines, ...rest } = await read('traces', encoding, traces({ ...SPAN, name: 'b' }, large, SPAN));
    expect(rest).toEqual({ refusal: undefined, received: 3, rejected: { too_large: 1 } });
    expect(
      lines
        .map(String)
        .join('')
        .match(/"name":"."/g),
    ).toEqual(['"name":"b"', '"name":"a"']);
  });

  test('a small body may not have too many values either', async () => {
    const { refusal } = await read('logs', encoding, logs(...Array.from({ length: 120_000 }, () => ({}))));
    expect(refusal).toMatch(
      /^more than 5000000 messages and list elements in the request, or in one item more than 500000, or more than 100000 messages/,
    );
  });
});

test('an item whose line would be too long is rejected with all that is in it', async () => {
  const filler = (name: string): object => ({ name, gauge: { dataPoints: [POINT, POINT] } });
  const long = { ...filler('long'), description: '\u0001'.repeat(2_900_000) };
  const { lines, ...rest } = await read('metrics', 'protobuf', metrics(filler('a'), long));
  expect(rest).toEqual({ refusal: undefined, received: 4, rejected: { too_large: 2 } });
  expect(lines).toHaveLength(1);
});

describe.each(['json', 'protobuf'] as const)('histograms of many buckets in %s', (encoding) => {
  const point = {
    ...POINT,
    asInt: undefined,
    positive: { bucketCounts: times(160, 0) },
    negative: { bucketCounts: times(160, 0) },
  };
  const histogram = (points: number): object => ({
    name: 'a',
    exponentialHistogram: { aggregationTemporality: 2, dataPoints: times(points, point) },
  });

  test.each([
    ['many metrics', times(600, histogram(1))],
    ['many points of one metric', [histogram(1500)]],
  ])('are stored: %s', async (_what, list) => {
    const { lines, ...rest } = await read('metrics', encoding, metrics(...list));
    expect(rest).toEqual({ refusal: undefined, received: list.length === 1 ? 1500 : 600, rejected: {} });
    expect(lines.length).toBeGreaterThan(0);
  });
});

test('an item of too many values is rejected, and the others are stored', async () => {
  const request = logs(RECORD, { ...RECORD, body: values(110_000) }, RECORD);
  const { lines, ...rest } = await read('logs', 'json', request);
  expect(rest).toEqual({ refusal: undefined, received: 3, rejected: { too_large: 1 } });
  expect(lines).toHaveLength(2);
});

test('a request of too many values is refused, however many of its items are left out', async () => {
  const request = logs(...Array.from({ length: 51 }, () => ({ ...RECORD, body: values(110_000) })));
  const { lines, refusal } = await read('logs', 'json', request);
  expect({ lines, refusal }).toEqual({ lines: [], refusal: expect.stringMatching(/more than 5000000 messages/) });
});

test('a request that is not large is decoded in one go, though it becomes several lines', async () => {
  const signal = signalOf('traces');
  const bytes = bodies.protobuf(signal, traces(...times(6000, { ...SPAN, name: 'x'.repeat(100) })));
  const scheduler = new DecodeScheduler();
  const order: string[] = [];
  const readBy = async (name: string): Promise<void> => {
    const request = { signal, encoding: 'protobuf', bytes, nowNano: '1' } as const;
    for await (const _ of linesOf(request, new ItemCounts(), scheduler)) order.push(name);
  };
  await Promise.all([readBy('a'), readBy('b')]);
  expect(order.join('')).toMatch(/^(a{2,})(b{2,})$/);
});

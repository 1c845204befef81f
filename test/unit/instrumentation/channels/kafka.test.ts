import { tracingChannel } from 'node:diagnostics_channel';
import { context, propagation, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { Producer, stringSerializers } from '@platformatic/kafka';
import { describe, expect, it } from 'vitest';
import { KAFKA } from '../../../../src/instrumentation/channels/kafka.ts';
import { inRequest, instrument, recordedDurations, recordedSpans } from './recorded.ts';

propagation.setGlobalPropagator(new W3CTraceContextPropagator());
instrument(KAFKA);

const SECRET = 'swordfish';
const TRACE = '1'.repeat(32);
const SPAN = '2'.repeat(16);
const SENT = `00-${TRACE}-${SPAN}-01`;
const TRACEPARENT = /^00-[\da-f]{32}-[\da-f]{16}-01$/;

type Serializers = NonNullable<ConstructorParameters<typeof Producer>[0]['serializers']>;

/** A client that does not connect: what it publishes is published by the test. */
const producer = (rest: object = {}): object =>
  new Producer({ clientId: 'shop', bootstrapBrokers: ['127.0.0.1:1'], ...rest });
const texts = producer({ serializers: stringSerializers });

/** As `Producer.send()` does. @returns the headers of the messages while they are sent */
async function send(messages: object[], { client = texts, result = {}, error }: Sending = {}): Promise<unknown[]> {
  let headers: unknown[] = [];
  const message = { client, operation: 'send', options: { messages } };
  await inRequest('POST /orders', async () => {
    await new Promise<void>((resolve) => {
      tracingChannel<object, object>('plt:kafka:producer:sends').traceCallback(
        (callback: (error: unknown, result?: unknown) => void) => {
          headers = messages.map((one) => ('headers' in one ? one.headers : undefined));
          if (error === undefined) callback(null, result);
          else callback(error);
        },
        0,
        message,
        undefined,
        () => resolve(),
      );
    });
  });
  return headers;
}

interface Sending {
  readonly client?: object;
  readonly result?: object;
  readonly error?: unknown;
}

/** As the stream of a consumer does, for each message. */
function receive(headers: readonly (readonly [Buffer, Buffer])[]): void {
  const { start, asyncStart, asyncEnd, end } = tracingChannel<object, object>('plt:kafka:consumer:receives');
  const message = { client: { clientId: 'store', groupId: 'stock' }, raw: { headers, value: Buffer.from(SECRET) } };
  start.publish(message);
  Object.assign(message, { result: { topic: 'orders', partition: 3, offset: 41n, key: SECRET, value: SECRET } });
  asyncStart.publish(message);
  asyncEnd.publish(message);
  end.publish(message);
}

const SEND = {
  'messaging.system.name': 'kafka',
  'messaging.operation.name': 'send',
  'messaging.operation.type': 'send',
};
const RECEIVE = {
  'messaging.system.name': 'kafka',
  'messaging.operation.name': 'receive',
  'messaging.operation.type': 'receive',
};

describe('a send', () => {
  it('has a span, a duration and the number of its messages, without keys and values', async () => {
    await send([{ topic: 'orders', key: SECRET, value: SECRET, headers: { token: SECRET } }], {
      result: { offsets: [{ topic: 'orders', partition: 2, offset: 7n }] },
    });
    expect({ spans: recordedSpans(), metrics: await recordedDurations() }).toEqual({
      spans: [
        {
          name: 'send orders',
          kind: SpanKind.PRODUCER,
          parent: 'POST /orders',
          attributes: {
            'messaging.system': 'kafka',
            ...SEND,
            'messaging.destination.name': 'orders',
            'messaging.client.id': 'shop',
            'messaging.destination.partition.id': '2',
            'kafka.offset': 7,
          },
          status: { code: SpanStatusCode.UNSET },
        },
      ],
      metrics: [
        {
          name: 'messaging.client.operation.duration',
          attributes: { ...SEND, 'messaging.destination.name': 'orders' },
          count: 1,
        },
        {
          name: 'messaging.client.sent.messages',
          attributes: { ...SEND, 'messaging.destination.name': 'orders' },
          count: 1,
        },
      ],
    });
  });

  it('of several messages says how many, and no topic if there are several', async () => {
    await send([{ topic: 'orders' }, { topic: 'orders' }, { topic: 'mails' }]);
    expect({ spans: recordedSpans(), metrics: await recordedDurations() }).toMatchObject({
      spans: [{ name: 'send', attributes: { 'messaging.batch.message_count': 3 } }],
      metrics: [
        { name: 'messaging.client.operation.duration', attributes: SEND },
        { attributes: { 'messaging.destination.name': 'orders' }, count: 2 },
        { attributes: { 'messaging.destination.name': 'mails' }, count: 1 },
      ],
    });
  });

  it('that failed says so', async () => {
    await send([{ topic: 'orders' }], { error: Object.assign(new Error(SECRET), { code: 'PLT_KFK_NETWORK' }) });
    const recorded = { spans: recordedSpans(), metrics: await recordedDurations() };
    expect(recorded).toMatchObject({
      spans: [{ status: { code: SpanStatusCode.ERROR }, attributes: { 'error.type': 'PLT_KFK_NETWORK' } }],
      metrics: [
        { attributes: { 'error.type': 'PLT_KFK_NETWORK' } },
        { attributes: { 'error.type': 'PLT_KFK_NETWORK' }, count: 1 },
      ],
    });
    expect(JSON.stringify(recorded)).not.toContain(SECRET);
  });
});

describe('the context of a send', () => {
  it.each<[string, object, unknown]>([
    ['nothing', {}, { traceparent: expect.stringMatching(TRACEPARENT) }],
    ['an object', { headers: { a: 'b' } }, { a: 'b', traceparent: expect.stringMatching(TRACEPARENT) }],
    [
      'a map',
      { headers: new Map([['a', 'b']]) },
      new Map([
        ['a', 'b'],
        ['traceparent', expect.stringMatching(TRACEPARENT)],
      ]),
    ],
    [
      'the context of the message that is passed on',
      { headers: { traceparent: SENT } },
      { traceparent: expect.stringMatching(/^00-(?!1{32})[\da-f]{32}-[\da-f]{16}-01$/) },
    ],
  ])('is in the headers beside %s, until it has been sent', async (_title, headers, expected) => {
    const message = { topic: 'orders', ...headers };
    const before = structuredClone(message);
    expect(await send([message])).toEqual([expected]);
    expect(message).toStrictEqual(before);
  });

  it('is in bytes for a client without serializers', async () => {
    const [headers] = await send(
      [{ topic: 'orders', headers: new Map([[Buffer.from('traceparent'), Buffer.from('x')]]) }],
      {
        client: producer(),
      },
    );
    const entries = headers instanceof Map ? [...headers].map((one) => one.map(String)) : [];
    expect(entries).toEqual([['traceparent', expect.stringMatching(TRACEPARENT)]]);
  });

  it.each<[string, object]>([
    ['whose serializer changes it', { serializers: { headerKey: quoted, headerValue: quoted } satisfies Serializers }],
    ['whose serializer fails', { serializers: { headerKey: failing, headerValue: failing } satisfies Serializers }],
    ['with a hook that would see it', { beforeSerialization: () => undefined }],
  ])('is left out for a client %s', async (_title, rest) => {
    expect(await send([{ topic: 'orders' }], { client: producer(rest) })).toEqual([undefined]);
  });

  it('is left out of a frozen message', async () => {
    expect(await send([Object.freeze({ topic: 'orders', headers: { a: 'b' } })])).toEqual([{ a: 'b' }]);
  });

  it('of two sends at a time leaves a message as it was', async () => {
    const message = { topic: 'orders', headers: { a: 'b' } };
    const original = message.headers;
    let between: object | undefined;
    const { start, asyncStart } = tracingChannel<object, object>('plt:kafka:producer:sends');
    const first = { client: texts, options: { messages: [message] } };
    const second = { client: texts, options: { messages: [message] } };
    await inRequest('request', () => {
      for (const one of [first, second]) start.runStores(one, () => {});
      asyncStart.publish(first);
      between = { ...message.headers };
      asyncStart.publish(second);
    });
    expect(between).toEqual({ a: 'b', traceparent: expect.stringMatching(TRACEPARENT) });
    expect(message.headers).toBe(original);
  });

  it('that is not sampled tells it the consumer', async () => {
    const message = { topic: 'orders' };
    const seen: unknown[] = [];
    const unsampled = { traceId: TRACE, spanId: SPAN, traceFlags: 0 };
    context.with(trace.setSpanContext(ROOT_CONTEXT, unsampled), () =>
      tracingChannel<object, object>('plt:kafka:producer:sends').traceSync(() => seen.push(structuredClone(message)), {
        client: texts,
        options: { messages: [message] },
      }),
    );
    expect({ seen, spans: recordedSpans() }).toEqual({
      seen: [{ topic: 'orders', headers: { traceparent: `00-${TRACE}-${SPAN}-00` } }],
      spans: [],
    });
  });
});

describe('a message that is received', () => {
  it('has a span in the trace of its sender', async () => {
    receive([[Buffer.from('traceparent'), Buffer.from(SENT)]]);
    const recorded = { spans: recordedSpans(), metrics: await recordedDurations() };
    const where = { ...RECEIVE, 'messaging.destination.name': 'orders', 'messaging.consumer.group.name': 'stock' };
    expect(recorded).toEqual({
      spans: [
        {
          name: 'receive orders',
          kind: SpanKind.CONSUMER,
          parent: 'a span that has not ended',
          attributes: {
            'messaging.system': 'kafka',
            ...where,
            'messaging.client.id': 'store',
            'messaging.destination.partition.id': '3',
            'kafka.offset': 41,
          },
          status: { code: SpanStatusCode.UNSET },
        },
      ],
      metrics: [{ name: 'messaging.client.consumed.messages', attributes: where, count: 1 }],
    });
  });

  it.each<[string, [Buffer, Buffer][]]>([
    ['without headers', []],
    ['with others', [[Buffer.from('a'), Buffer.from('b')]]],
    ['with one that is none', [[Buffer.from('traceparent'), Buffer.from('"quoted"')]]],
  ])('%s has no span, but is counted', async (_title, headers) => {
    receive(headers);
    expect({ spans: recordedSpans(), metrics: await recordedDurations() }).toMatchObject({
      spans: [],
      metrics: [{ count: 1 }],
    });
  });
});

function quoted(data?: unknown): Buffer {
  return Buffer.from(JSON.stringify(data));
}

function failing(): Buffer {
  throw new Error('wants something else');
}

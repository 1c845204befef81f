import { expect, it } from 'vitest';
import { startBackend } from '../support/backend.ts';
import type { ReceivedSpan } from '../support/received-telemetry.ts';
import { runFixture } from '../support/run-fixture.ts';
import { startKafka } from './support/kafka.ts';

const SECRET = 'swordfish';

it('an order is followed from the request over the broker to its consumer', async () => {
  const [broker, backend] = [await startKafka(), await startBackend()];
  const { code, stdout, stderr } = await runFixture({
    program: 'kafka.mjs',
    args: [broker, SECRET],
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: backend.url },
    timeoutMillis: 60_000,
  });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  // The application's own message is as it was; the receiver gets one more header, if the serializers leave it as it is.
  expect(
    stdout
      .trim()
      .split('\n')
      .map((line): unknown => JSON.parse(line)),
  ).toEqual([
    { order: { topic: 'orders', key: SECRET, value: SECRET, headers: { note: SECRET } } },
    { value: SECRET, headers: ['note', 'traceparent'] },
    { value: SECRET, headers: ['traceparent'] },
    { value: SECRET, headers: ['note'] },
  ]);

  const spans = backend.spans();
  const kafka = spans.filter(({ scope }) => scope.name === 'swansong/kafka');
  const messaging = {
    'messaging.system': 'kafka',
    'messaging.system.name': 'kafka',
    'messaging.destination.name': 'orders',
  };
  const send = { ...messaging, 'messaging.operation.name': 'send', 'messaging.operation.type': 'send' };
  const receive = { ...messaging, 'messaging.operation.name': 'receive', 'messaging.operation.type': 'receive' };
  const partition = { 'messaging.destination.partition.id': '0' };
  const sent = (offset: number) => ({
    name: 'send orders',
    kind: 4,
    parent: 'POST',
    attributes: { ...send, ...partition, 'messaging.client.id': 'shop', 'kafka.offset': offset },
  });
  const received = (offset: number) => ({
    name: 'receive orders',
    kind: 5,
    parent: `send orders ${offset}`,
    attributes: {
      ...receive,
      ...partition,
      'messaging.client.id': 'store',
      'messaging.consumer.group.name': 'stock',
      'kafka.offset': offset,
    },
  });
  expect(
    kafka.map((span) => ({
      name: span.name,
      kind: span.kind,
      parent: parentOf(span, spans),
      attributes: span.attributes,
    })),
  ).toEqual([sent(0), sent(1), sent(2), received(0), received(1)]);

  const numbers = backend
    .metrics()
    .filter(({ name }) => name.startsWith('messaging.'))
    .map(({ name, value, count }) => [name, value ?? count]);
  expect(numbers).toEqual(
    expect.arrayContaining([
      ['messaging.client.operation.duration', 3],
      ['messaging.client.sent.messages', 3],
      ['messaging.client.consumed.messages', 3],
    ]),
  );
  expect(
    JSON.stringify([spans, backend.metrics()], (_key, value) => (typeof value === 'bigint' ? String(value) : value)),
  ).not.toContain(SECRET);
});

/** Its name, for a send with the offset. */
function parentOf({ parentSpanId }: ReceivedSpan, spans: readonly ReceivedSpan[]): string | undefined {
  const parent = spans.find(({ spanId }) => spanId === parentSpanId);
  const offset = parent?.attributes['kafka.offset'];
  return offset === undefined ? parent?.name : `${parent?.name} ${JSON.stringify(offset)}`;
}

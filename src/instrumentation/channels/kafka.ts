import { type Attributes, type Counter, type Meter, SpanKind, type Tracer } from '@opentelemetry/api';
import { errorType } from '../../errors/error-type.ts';
import { isObject } from '../../values/is-object.ts';
import { read, readText } from '../../values/read.ts';
import { subscribe } from '../subscribe.ts';
import { addToHeaders, senderOf } from './kafka-headers.ts';
import type { Library, Operation } from './library.ts';

const SENDS = 'plt:kafka:producer:sends';
const RECEIVES = 'plt:kafka:consumer:receives';

const SYSTEM = { 'messaging.system.name': 'kafka' };
const SEND = { ...SYSTEM, 'messaging.operation.name': 'send', 'messaging.operation.type': 'send' };
const RECEIVE = { ...SYSTEM, 'messaging.operation.name': 'receive', 'messaging.operation.type': 'receive' };

/** Until the semantic conventions 1.44 it was called this way, and most backends look for that. */
const FORMER_SYSTEM = { 'messaging.system': 'kafka' };

/** How to give the messages of a send their own headers back. */
const sending = new WeakMap<object, () => void>();

function describeSend(message: object): Operation {
  const topics = new Set(topicsOf(message));
  const [topic] = topics;
  const destination: Attributes =
    topics.size === 1 && topic !== undefined ? { 'messaging.destination.name': topic } : {};
  const count = messagesOf(message).length;
  return {
    name: topics.size === 1 ? `send ${topic}` : 'send',
    attributes: {
      ...FORMER_SYSTEM,
      ...SEND,
      ...destination,
      ...clientId(message),
      ...(count > 1 ? { 'messaging.batch.message_count': count } : {}),
    },
    measured: { ...SEND, ...destination },
  };
}

/** Where the messages are, if they all are in one partition. */
function outcomeOfSend(message: object): Attributes {
  const offsets = read(read(message, 'result'), 'offsets');
  if (!Array.isArray(offsets) || offsets.length !== 1) return {};
  const [written]: readonly unknown[] = offsets;
  return {
    ...partitionId(read(written, 'partition')),
    ...(messagesOf(message).length === 1 ? offset(read(written, 'offset')) : {}),
  };
}

function propagate(message: object, context: Parameters<typeof addToHeaders>[2]): void {
  const client = read(message, 'client');
  if (isObject(client)) sending.set(message, addToHeaders(client, messagesOf(message), context));
}

function observe(tracer: Tracer, meter: Meter): void {
  const sent = meter.createCounter('messaging.client.sent.messages', {
    description: 'Number of messages producer attempted to send to the broker.',
    unit: '{message}',
  });
  const consumed = meter.createCounter('messaging.client.consumed.messages', {
    description: 'Number of messages that were delivered to the application.',
    unit: '{message}',
  });

  const ownHeaders = (message: object): void => {
    sending.get(message)?.();
    sending.delete(message);
  };
  // Published before the application's callback runs. A send that throws has no callback.
  subscribe(`tracing:${SENDS}:asyncStart`, ownHeaders);
  subscribe(`tracing:${SENDS}:error`, ownHeaders);
  subscribe(`tracing:${SENDS}:asyncEnd`, (message) => countSent(message, sent));

  // The message is deserialised, and about to be put into the stream.
  subscribe(`tracing:${RECEIVES}:asyncStart`, (message) => {
    const received = read(message, 'result');
    const topic = readText(received, 'topic');
    if (topic === undefined) return;
    const where: Attributes = { ...RECEIVE, 'messaging.destination.name': topic, ...groupName(message) };
    consumed.add(1, where);
    const sender = senderOf(read(message, 'raw'));
    if (sender === undefined) return;
    const attributes = {
      ...FORMER_SYSTEM,
      ...where,
      ...clientId(message),
      ...partitionId(read(received, 'partition')),
      ...offset(read(received, 'offset')),
    };
    tracer.startSpan(`receive ${topic}`, { kind: SpanKind.CONSUMER, attributes }, sender).end();
  });
}

function countSent(message: object, sent: Counter): void {
  const counts = new Map<string, number>();
  for (const topic of topicsOf(message)) counts.set(topic, (counts.get(topic) ?? 0) + 1);
  const failed = 'error' in message ? { 'error.type': errorType(message.error) } : {};
  for (const [topic, count] of counts) sent.add(count, { ...SEND, 'messaging.destination.name': topic, ...failed });
}

function messagesOf(message: object): readonly unknown[] {
  const messages = read(read(message, 'options'), 'messages');
  return Array.isArray(messages) ? messages : [];
}

function topicsOf(message: object): string[] {
  return messagesOf(message).flatMap((one) => {
    const topic = readText(one, 'topic');
    return topic === undefined ? [] : [topic];
  });
}

function clientId(message: object): Attributes {
  const id = readText(read(message, 'client'), 'clientId');
  return id === undefined ? {} : { 'messaging.client.id': id };
}

function groupName(message: object): Attributes {
  const id = readText(read(message, 'client'), 'groupId');
  return id === undefined ? {} : { 'messaging.consumer.group.name': id };
}

function partitionId(partition: unknown): Attributes {
  return typeof partition === 'number' ? { 'messaging.destination.partition.id': String(partition) } : {};
}

function offset(value: unknown): Attributes {
  return typeof value === 'bigint' ? { 'kafka.offset': Number(value) } : {};
}

export const KAFKA: Library = {
  name: 'kafka',
  packageName: '@platformatic/kafka',
  versions: '>=1.11.0',
  channels: [
    {
      channel: SENDS,
      span: { kind: SpanKind.PRODUCER, describe: describeSend, outcome: outcomeOfSend, propagate },
    },
  ],
  duration: {
    name: 'messaging.client.operation.duration',
    description: 'Duration of messaging operation initiated by a producer or consumer client.',
    unit: 's',
    advice: { explicitBucketBoundaries: [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10] },
  },
  observation: { channels: [RECEIVES], start: observe },
};

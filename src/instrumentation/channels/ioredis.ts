import { context, createContextKey, SpanKind } from '@opentelemetry/api';
import { read } from '../../values/read.ts';
import { DATABASE_DURATION } from './database-duration.ts';
import type { Library, Operation } from './library.ts';
import { batchOperation, commandOperation, redisFailure } from './redis-operation.ts';

const IN_BATCH = createContextKey('swansong: within MULTI of ioredis');

/** The commands of MULTI are published, too, within it. */
function describeCommand(message: object): Operation | undefined {
  if (context.active().getValue(IN_BATCH) === true) return undefined;
  const args = read(message, 'args');
  return commandOperation(message, Array.isArray(args) ? args : []);
}

function describeBatch(message: object): Operation {
  return { ...batchOperation(message), parent: context.active().setValue(IN_BATCH, true) };
}

export const IOREDIS: Library = {
  name: 'ioredis',
  packageName: 'ioredis',
  versions: '>=5.11.0',
  channels: [
    {
      channel: 'ioredis:command',
      span: { kind: SpanKind.CLIENT, describe: describeCommand, failure: redisFailure },
    },
    {
      channel: 'ioredis:batch',
      span: { kind: SpanKind.CLIENT, describe: describeBatch, failure: redisFailure },
    },
    // A command that was given before the connection was there is published when it is sent: in the context of the connection.
    { channel: 'ioredis:connect', isShared: true },
  ],
  duration: DATABASE_DURATION,
};

import { context, SpanKind, trace } from '@opentelemetry/api';
import { read } from '../../values/read.ts';
import { DATABASE_DURATION } from './database-duration.ts';
import type { Library, Operation } from './library.ts';
import { batchOperation, commandOperation, redisFailure } from './redis-operation.ts';
import { isForWaiter, observePools, POOL_CHANNELS } from './redis-pool.ts';

/** Rather no span than one in another request. */
function inCallersContext(message: object, operation: Operation): Operation {
  return isForWaiter(message) ? { ...operation, parent: trace.deleteSpan(context.active()) } : operation;
}

/** The commands of a pipeline are published, too. */
function describeCommand(message: object): Operation | undefined {
  if (read(message, 'batchMode') !== undefined) return undefined;
  const args = read(message, 'args');
  return inCallersContext(message, commandOperation(message, Array.isArray(args) ? args.slice(1) : []));
}

function describeBatch(message: object): Operation {
  return inCallersContext(message, batchOperation(message));
}

/** Never `node-redis:command:reply`: it has the values. */
export const REDIS: Library = {
  name: 'redis',
  packageName: 'redis',
  versions: '>=5.12.0',
  channels: [
    {
      channel: 'node-redis:command',
      span: { kind: SpanKind.CLIENT, describe: describeCommand, failure: redisFailure },
    },
    {
      channel: 'node-redis:batch',
      span: { kind: SpanKind.CLIENT, describe: describeBatch, failure: redisFailure },
    },
  ],
  duration: DATABASE_DURATION,
  observation: { channels: POOL_CHANNELS, start: observePools },
};

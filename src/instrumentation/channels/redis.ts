import { context, SpanKind, trace } from '@opentelemetry/api';
import { monotonicMillis } from '../../clock/clock.ts';
import { read } from '../../values/read.ts';
import { subscribe } from '../subscribe.ts';
import { DATABASE_DURATION } from './database-duration.ts';
import type { Library, Operation } from './library.ts';
import { batchOperation, commandOperation, redisFailure } from './redis-operation.ts';

const POOL_WAIT = 'node-redis:pool:connection-wait';

/** More than it takes to hand out a connection that is free, less than any answer of a server takes. */
const MAX_NO_WAIT_MILLIS = 0.1;

/**
 * The clients (by `clientId`) that a pool handed to a task which had waited for one. The pool runs it in the context of the task that
 * gave the client back, which is another request's, and nothing tells whose it is.
 */
const inForeignContext = new Set<unknown>();

function observePools(): void {
  subscribe(POOL_WAIT, (message) => {
    const since = read(message, 'waitStartTimestamp');
    const client = read(message, 'clientId');
    if (typeof since === 'number' && monotonicMillis() - since > MAX_NO_WAIT_MILLIS) inForeignContext.add(client);
    else inForeignContext.delete(client);
  });
  subscribe('node-redis:connection:closed', (message) => {
    inForeignContext.delete(read(message, 'clientId'));
  });
}

/** Rather no span than one in another request. */
function inCallersContext(message: object, operation: Operation): Operation {
  if (inForeignContext.size === 0 || !inForeignContext.has(read(message, 'clientId'))) return operation;
  return { ...operation, parent: trace.deleteSpan(context.active()) };
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
  observation: { channels: [POOL_WAIT, 'node-redis:connection:closed'], start: observePools },
};

import { type Attributes, SpanKind } from '@opentelemetry/api';
import { errorType } from '../../errors/error-type.ts';
import { isObject } from '../../values/is-object.ts';
import { read, readText } from '../../values/read.ts';
import { DATABASE_DURATION } from './database-duration.ts';
import { addTarget } from './database-target.ts';
import type { Failure, Library, Operation, TracedChannel, TracedSpan } from './library.ts';

const SYSTEM = 'mongodb';

/** `args` has documents, filters and updates: nothing of it is read. */
function describe(message: object): Operation {
  const operation = readText(message, 'operation');
  const collection = readText(message, 'collection');
  const database = readText(message, 'database');
  const measured: Attributes = { 'db.system.name': SYSTEM };
  if (operation !== undefined) measured['db.operation.name'] = operation;
  if (collection !== undefined) measured['db.collection.name'] = collection;
  if (database !== undefined) measured['db.namespace'] = database;
  addTarget(measured, message);
  const target = collection ?? database;
  return {
    name: [operation, target].filter((part) => part !== undefined).join(' ') || SYSTEM,
    attributes: measured,
    measured,
  };
}

/**
 * A cursor publishes each document that is taken from it, and not when it is opened. The first one is fetched with its first batch: it
 * stands for the cursor. Which cursor it is can be told by its filter or pipeline, the same object each time.
 */
function firstOfCursor(): TracedSpan['describe'] {
  const known = new WeakSet<object>();
  return (message) => {
    const args = read(message, 'args');
    const identity = read(args, 'filter') ?? read(args, 'pipeline');
    if (!isObject(identity) || known.has(identity)) return undefined;
    known.add(identity);
    return describe(message);
  };
}

/** Errors of the server have a number. Their messages quote values. */
function failure(error: unknown): Failure {
  const code = read(error, 'code');
  if (typeof code !== 'number' || readText(error, 'name')?.startsWith('Mongo') !== true) {
    return { attributes: { 'error.type': errorType(error) } };
  }
  return { attributes: { 'error.type': String(code), 'db.response.status_code': String(code) } };
}

const traced = (channel: string, describeOne: TracedSpan['describe'] = describe): TracedChannel => ({
  channel: `mongoose:${channel}`,
  span: { kind: SpanKind.CLIENT, describe: describeOne, failure },
});

export const MONGOOSE: Library = {
  name: 'mongoose',
  packageName: 'mongoose',
  versions: '>=9.7.0',
  channels: [
    traced('query'),
    traced('aggregate'),
    traced('model:save'),
    traced('model:insertMany'),
    traced('model:bulkWrite'),
    traced('cursor:next', firstOfCursor()),
  ],
  duration: DATABASE_DURATION,
};

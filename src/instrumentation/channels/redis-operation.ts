import type { Attributes } from '@opentelemetry/api';
import { errorType } from '../../errors/error-type.ts';
import { read, readText } from '../../values/read.ts';
import { targetOf } from './database-target.ts';
import type { Failure, Operation } from './library.ts';
import { commandText, isBlocking } from './redis-command-text.ts';

const SYSTEM = 'redis';
/** Anything else is no name of a command, and may be a value. */
const COMMAND_NAME = /^[A-Z][A-Z0-9_.|-]{0,39}$/;
/** How replies that are errors begin: `WRONGTYPE Operation against …`. What follows quotes arguments. */
const ERROR_REPLY = /^([A-Z][A-Z0-9_]{1,39})(?: |$)/;

/** @param args without the command */
export function commandOperation(message: object, args: readonly unknown[]): Operation {
  const command = readText(message, 'command')?.toUpperCase() ?? '';
  if (!COMMAND_NAME.test(command)) {
    const measured = { 'db.system.name': SYSTEM, ...whereOf(message) };
    return { name: SYSTEM, attributes: measured, measured };
  }
  const measured = { 'db.system.name': SYSTEM, 'db.operation.name': command, ...whereOf(message) };
  const operation: Operation = {
    name: command,
    attributes: { ...measured, 'db.query.text': commandText(command, args) },
  };
  // How long it takes says nothing about the database.
  return isBlocking(command, args) ? operation : { ...operation, measured };
}

/** MULTI or a pipeline. The commands in it are not published, or not recorded. */
export function batchOperation(message: object): Operation {
  const mode = read(message, 'batchMode') === 'MULTI' ? 'MULTI' : 'PIPELINE';
  const size = read(message, 'batchSize');
  const measured = { 'db.system.name': SYSTEM, 'db.operation.name': mode, ...whereOf(message) };
  return {
    name: mode,
    // Of a single one it is not given, by the semantic conventions.
    attributes: typeof size === 'number' && size > 1 ? { ...measured, 'db.operation.batch.size': size } : measured,
    measured,
  };
}

export function redisFailure(error: unknown): Failure {
  const prefix =
    read(error, 'code') === undefined ? ERROR_REPLY.exec(readText(error, 'message') ?? '')?.[1] : undefined;
  if (prefix === undefined) return { attributes: { 'error.type': errorType(error) } };
  return { attributes: { 'error.type': prefix, 'db.response.status_code': prefix } };
}

function whereOf(message: object): Attributes {
  const database = read(message, 'database');
  return { ...(typeof database === 'number' ? { 'db.namespace': String(database) } : {}), ...targetOf(message) };
}

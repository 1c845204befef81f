import type { Attributes } from '@opentelemetry/api';
import { errorType } from '../../errors/error-type.ts';
import { read, readText } from '../../values/read.ts';
import { addTarget } from './database-target.ts';
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
    const measured = measuredOf(message);
    return { name: SYSTEM, attributes: measured, measured };
  }
  const attributes = measuredOf(message, command);
  attributes['db.query.text'] = commandText(command, args);
  // How long it waits says nothing about the database.
  if (isBlocking(command, args)) return { name: command, attributes };
  return { name: command, attributes, measured: measuredOf(message, command) };
}

/** MULTI or a pipeline. The commands in it are not published, or not recorded. */
export function batchOperation(message: object): Operation {
  const mode = read(message, 'batchMode') === 'MULTI' ? 'MULTI' : 'PIPELINE';
  const size = read(message, 'batchSize');
  const measured = measuredOf(message, mode);
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

/** A new object each time: of each command there is one, so it is built without copying. */
function measuredOf(message: object, operation?: string): Attributes {
  const attributes: Attributes = { 'db.system.name': SYSTEM };
  if (operation !== undefined) attributes['db.operation.name'] = operation;
  const database = read(message, 'database');
  if (typeof database === 'number') attributes['db.namespace'] = String(database);
  return addTarget(attributes, message);
}

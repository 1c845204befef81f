import { type Attributes, SpanKind } from '@opentelemetry/api';
import { errorType } from '../../errors/error-type.ts';
import { read, readText } from '../../values/read.ts';
import { DATABASE_DURATION } from './database-duration.ts';
import { addTarget } from './database-target.ts';
import type { Failure, Library, Operation, TracedSpan } from './library.ts';
import { MYSQL } from './sql/sql-dialect.ts';
import { sqlOperation } from './sql/sql-operation.ts';
import { statementReader } from './sql/statement.ts';

const statementOf = statementReader(MYSQL);

/** Of `query()` the text has the values in it, of `execute()` it has the `?` of the application. */
function describe(message: object): Operation {
  const place: Attributes = {};
  const database = readText(message, 'database');
  if (database !== undefined && database !== '') place['db.namespace'] = database;
  return sqlOperation('mysql', statementOf(readText(message, 'query') ?? ''), addTarget(place, message));
}

/** Errors of the server have an SQLSTATE, and `errno` is its number for them. Their messages quote values; `code` is the number's name. */
function failure(error: unknown): Failure {
  const number = read(error, 'errno');
  if (typeof number !== 'number' || readText(error, 'sqlState') === undefined) {
    return { attributes: { 'error.type': errorType(error) } };
  }
  const code = String(number);
  return {
    attributes: { 'error.type': code, 'db.response.status_code': code },
    description: readText(error, 'code') ?? code,
  };
}

const span: TracedSpan = { kind: SpanKind.CLIENT, describe, failure };

export const MYSQL2: Library = {
  name: 'mysql2',
  packageName: 'mysql2',
  versions: '>=3.20.0 <4',
  channels: [
    { channel: 'mysql2:query', span },
    { channel: 'mysql2:execute', span },
    // What a connection does for all who use it later would run in the span of whoever made the pool open it.
    { channel: 'mysql2:pool:connect', isShared: true },
  ],
  duration: DATABASE_DURATION,
};

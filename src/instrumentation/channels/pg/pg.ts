import { type Attributes, SpanKind } from '@opentelemetry/api';
import { errorType } from '../../../errors/error-type.ts';
import { read } from '../../../values/read.ts';
import { DATABASE_DURATION } from '../database-duration.ts';
import type { Failure, Library, Operation } from '../library.ts';
import { POSTGRESQL } from '../sql/sql-dialect.ts';
import { sqlOperation } from '../sql/sql-operation.ts';
import { statementReader } from '../sql/statement.ts';
import { isPublishedTwice } from './copy.ts';
import { publishQueriesOfPg } from './seam.ts';

const statementOf = statementReader(POSTGRESQL);

function describe(message: object): Operation | undefined {
  if (isPublishedTwice(message)) return undefined;
  const sql = read(read(message, 'query'), 'text');
  return sqlOperation('postgresql', statementOf(typeof sql === 'string' ? sql : ''), serverOf(read(message, 'client')));
}

function serverOf(client: unknown): Attributes {
  const attributes: Attributes = {};
  const database = read(client, 'database');
  const host = read(client, 'host');
  const port = read(client, 'port');
  if (typeof database === 'string') attributes['db.namespace'] = database;
  if (typeof host !== 'string') return attributes;
  // A folder: that of a Unix socket.
  if (host.startsWith('/')) return { ...attributes, 'server.address': `${host}/.s.PGSQL.${String(port)}` };
  attributes['server.address'] = host;
  if (typeof port === 'number') attributes['server.port'] = port;
  return attributes;
}

/** The errors of PostgreSQL have a severity, and then `code` is the SQLSTATE. Their messages quote values. */
function failure(error: unknown): Failure {
  const code = read(error, 'code');
  if (typeof code !== 'string' || typeof read(error, 'severity') !== 'string') {
    return { attributes: { 'error.type': errorType(error) } };
  }
  return { attributes: { 'error.type': code, 'db.response.status_code': code }, description: `SQLSTATE ${code}` };
}

export const PG: Library = {
  name: 'pg',
  packageName: 'pg',
  versions: '>=8.0.3 <9',
  channels: [
    { channel: 'pg:query', span: { kind: SpanKind.CLIENT, describe, failure } },
    // A pool calls back in the context of whoever gave the connection back.
    { channel: 'pg:pool:connect' },
  ],
  duration: DATABASE_DURATION,
  observation: { channels: ['net.client.socket'], start: publishQueriesOfPg },
};

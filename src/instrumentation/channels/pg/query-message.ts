import { tracingChannel, type TracingChannel } from 'node:diagnostics_channel';
import { read } from '../../../values/read.ts';

/** The channels and messages are those that pg itself is going to have (brianc/node-postgres#3650). */
export const QUERY: TracingChannel<unknown, QueryMessage> = tracingChannel('pg:query');

export interface QueryMessage {
  readonly query: { readonly text: unknown; readonly name: unknown };
  readonly client: Readonly<
    Record<'database' | 'host' | 'port' | 'user' | 'processID', unknown> & Record<'ssl', boolean>
  >;
  result?: { readonly rowCount: unknown; readonly command: unknown };
  error?: unknown;
}

/** @param query the text, the configuration object or the submittable that is given to `client.query()` */
export function queryMessage(client: unknown, query: unknown): QueryMessage {
  const name = read(query, 'name');
  return {
    query: { text: typeof query === 'string' ? query : (textOf(query) ?? preparedText(client, name)), name },
    client: {
      database: read(client, 'database'),
      host: read(client, 'host'),
      port: read(client, 'port'),
      user: read(client, 'user'),
      processID: read(client, 'processID'),
      ssl: Boolean(read(client, 'ssl')),
    },
  };
}

/** A stream of pg-query-stream has it on its cursor. */
function textOf(query: unknown): unknown {
  return read(query, 'text') ?? read(read(query, 'cursor'), 'text');
}

/** A prepared statement can be executed by its name alone. */
function preparedText(client: unknown, name: unknown): unknown {
  return typeof name === 'string' ? read(read(read(client, 'connection'), 'parsedStatements'), name) : undefined;
}

/** The query has failed; it ends by `settle()`. */
export function fail(message: QueryMessage, error: unknown): void {
  message.error = error;
  QUERY.error.publish(message);
}

/** The query has ended. Its callback has not been called yet: the time that it takes is not the query's. */
export function settle(message: QueryMessage): void {
  QUERY.asyncEnd.publish(message);
}

/** @param result the object that pg gives for a query, or an array of them for several statements */
export function succeed(message: QueryMessage, result: unknown): void {
  message.result = { rowCount: read(result, 'rowCount'), command: read(result, 'command') };
}

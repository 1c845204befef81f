import type { Attributes } from '@opentelemetry/api';
import type { Operation } from '../library.ts';
import type { Statement } from './statement.ts';

/**
 * A statement that a database executes, by the semantic conventions for SQL databases.
 * @param system `db.system.name`
 * @param measured attributes of the database and the server, of low cardinality: a new object, which becomes part of the operation
 */
export function sqlOperation(system: string, { text, summary }: Statement, measured: Attributes): Operation {
  measured['db.system.name'] = system;
  if (summary !== '') measured['db.query.summary'] = summary;
  return {
    name: summary === '' ? system : summary,
    attributes: text === '' ? measured : { ...measured, 'db.query.text': text },
    measured,
  };
}

import { SpanKind } from '@opentelemetry/api';
import { errorType } from '../../errors/error-type.ts';
import { read, readText } from '../../values/read.ts';
import type { Failure, Library, Operation, TracedSpan } from './library.ts';

/** Operation names in span names: they come from clients, and a span's name must be of low cardinality. */
const MAX_NAMES = 200;
const MAX_NAME_LENGTH = 100;

/**
 * One span per operation. Nothing of its text, variables, arguments and results is read. Parsing and validating have no span: what
 * fails there is the client's mistake, and schemas are parsed at the start of an application, too.
 */
function operationSpan(): TracedSpan {
  const names = new Set<string>();

  const describe = (message: object): Operation => {
    // Undefined if the document has several operations and the request names none, or an unknown one.
    const type = readText(message, 'operationType');
    const name = readText(message, 'operationName');
    return {
      name: type === undefined ? 'GraphQL Operation' : isFewEnough(name, names) ? `${type} ${name}` : type,
      attributes: {
        ...(type === undefined ? {} : { 'graphql.operation.type': type }),
        ...(name === undefined ? {} : { 'graphql.operation.name': name }),
      },
    };
  };
  return { kind: SpanKind.INTERNAL, describe, failedResult };
}

function isFewEnough(name: string | undefined, names: Set<string>): name is string {
  if (name === undefined || name.length > MAX_NAME_LENGTH) return false;
  if (names.size < MAX_NAMES) names.add(name);
  return names.has(name);
}

/**
 * An error of a field (it has a `path`, GraphQL specification, section 7.1.6) is the application's. One without, such as a wrong variable, is the client's.
 */
function failedResult(message: object): Failure | undefined {
  const result = read(message, 'result');
  // With `@defer` or `@stream` the result comes in parts.
  const errors = read(read(result, 'initialResult') ?? result, 'errors');
  if (!Array.isArray(errors)) return undefined;
  const failed: unknown = errors.find((error) => read(error, 'path') !== undefined);
  return failed === undefined ? undefined : { attributes: { 'error.type': typeOf(failed) } };
}

/** The `code` by which servers let their clients tell errors apart, or else what the resolver threw. */
function typeOf(error: unknown): string {
  return readText(read(error, 'extensions'), 'code') ?? errorType(read(error, 'originalError') ?? error);
}

export const GRAPHQL: Library = {
  name: 'graphql',
  packageName: 'graphql',
  versions: '>=17.0.0',
  channels: [
    { channel: 'graphql:execute', span: operationSpan() },
    // Until the stream of events is there.
    { channel: 'graphql:subscribe', span: operationSpan() },
  ],
};

import { exceptionType } from './exception-label.ts';
import { isErrorLike, readProperty } from './exception-read.ts';

/** `error.type` of a failure: its code (ECONNRESET) or else the name of its class; both have low cardinality. */
export function errorType(error: unknown): string {
  if (!isErrorLike(error)) return '_OTHER';
  const code = readProperty(error, 'code');
  return typeof code === 'string' && code !== '' ? code : exceptionType(error);
}

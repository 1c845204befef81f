import { readProperty } from './exception-read.ts';
import { isObjectOrFunction } from '../values/is-object.ts';

/**
 * Whether frameworks answer an error with a status of 4xx: the client has caused it, and the status of a server span stays unset
 * (semantic conventions for HTTP spans). Decided by the first of the properties that they use as the status of the response.
 */
export function isClientError(error: unknown): boolean {
  if (!isObjectOrFunction(error)) return false;
  for (const key of ['status', 'statusCode']) {
    const status = readProperty(error, key);
    if (typeof status === 'number' && status >= 400 && status <= 599) return status < 500;
  }
  return false;
}

import type { IncomingMessage } from 'node:http';
import { errorType } from '../../errors/error-type.ts';

/** Why a request counts as failed: semantic conventions, HTTP spans, "Status". */
export interface Failure {
  /** `error.type` */
  readonly type: string;
  readonly message?: string;
}

/** @param error what the request, not its response, emitted */
export function failureOf(error: Error | undefined, response: IncomingMessage | undefined): Failure | undefined {
  if (error !== undefined) {
    const reason = abortReason(error);
    if (reason === undefined) return { type: errorType(error), message: error.message };
    // Of AbortSignal.timeout(). Any other abort is the caller's intention, and no error.
    return isTimeout(reason) ? { type: 'TimeoutError', message: error.message } : undefined;
  }
  if (response === undefined) return undefined;
  if ((response.statusCode ?? 0) >= 400) return { type: String(response.statusCode) };
  return cutOff(response);
}

/** What an AbortSignal gave as its reason; undefined where the request did not end by one. */
function abortReason(error: Error): unknown {
  return error.name === 'AbortError' && 'code' in error && error.code === 'ABORT_ERR'
    ? (error.cause ?? error)
    : undefined;
}

function isTimeout(reason: unknown): boolean {
  return typeof reason === 'object' && reason !== null && Reflect.get(reason, 'name') === 'TimeoutError';
}

/** The other side ended the connection within the response. Where the application itself gave up, Node has dumped the rest. */
function cutOff(response: IncomingMessage): Failure | undefined {
  const { complete, errored } = response;
  if (complete || errored === null || errored === undefined || Reflect.get(response, '_dumped') === true)
    return undefined;
  return { type: errorType(errored), message: errored.message };
}

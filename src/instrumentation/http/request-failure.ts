import type { IncomingMessage } from 'node:http';
import { isErrorLike, readProperty } from '../../errors/exception-read.ts';
import { errorType } from '../../errors/error-type.ts';
import { messageOf } from '../../values/thrown.ts';

/** Why a request counts as failed: semantic conventions, HTTP spans, "Status". */
export interface Failure {
  /** `error.type` */
  readonly type: string;
  readonly message?: string;
}

/** What a request, not its response, emitted as its error. */
export interface Thrown {
  readonly error: unknown;
  /** Whether the request had been destroyed by then: by its caller, since a failing connection does so only afterwards. */
  readonly wasDestroyed: boolean;
}

/** Of a request of `node:http`. */
export function failureOf(thrown: Thrown | undefined, response: IncomingMessage | undefined): Failure | undefined {
  const failure = thrown === undefined ? undefined : failureOfThrown(thrown);
  if (failure !== undefined || response === undefined) return failure;
  return failureOfStatus(response.statusCode) ?? (thrown === undefined ? cutOff(response) : undefined);
}

function failureOfThrown({ error, wasDestroyed }: Thrown): Failure | undefined {
  // Of an AbortSignal, whatever its reason; Node has that as the cause.
  if (textIn(error, 'code') === 'ABORT_ERR') return isTimeout(causeOf(error)) ? timeout(error) : undefined;
  // `destroy()` without an error: Node makes this one up. An error that the caller gives is an error.
  const isMadeUp = textIn(error, 'code') === 'ECONNRESET' && textIn(error, 'message') === 'socket hang up';
  if (wasDestroyed && isMadeUp) return undefined;
  return isTimeout(error) ? timeout(error) : failureBy(error);
}

/**
 * Of a request of undici. Where the caller aborted, its error is the reason itself, which can be anything. What undici, the
 * connection or the parser throw has a code. An error without one is a reason, then, unless the body that the application
 * gave was still being read: that may have thrown it.
 */
export function failureOfFetch(error: unknown, wasSent: boolean): Failure | undefined {
  if (isTimeout(error)) return timeout(error);
  if (textIn(error, 'name') === 'AbortError') return undefined;
  return wasSent && textIn(error, 'code') === undefined ? undefined : failureBy(error);
}

export function failureOfStatus(statusCode: number | undefined): Failure | undefined {
  return statusCode !== undefined && statusCode >= 400 ? { type: String(statusCode) } : undefined;
}

/** The other side ended the connection within the response. Where the application itself gave up, Node has dumped the rest. */
function cutOff(response: IncomingMessage): Failure | undefined {
  const { complete, errored } = response;
  if (complete || errored === null || errored === undefined || Reflect.get(response, '_dumped') === true)
    return undefined;
  return failureBy(errored);
}

/** The reason of `AbortSignal.timeout()`. Any other abort is the caller's intention, and no error. */
function isTimeout(reason: unknown): boolean {
  return textIn(reason, 'name') === 'TimeoutError';
}

function timeout(error: unknown): Failure {
  return { ...failureBy(error), type: 'TimeoutError' };
}

function failureBy(error: unknown): Failure {
  const message = textIn(error, 'message') ?? messageOf(error);
  return { type: errorType(error), message };
}

function causeOf(error: unknown): unknown {
  return isErrorLike(error) ? readProperty(error, 'cause') : undefined;
}

/** Of an error of any realm. */
function textIn(error: unknown, key: 'code' | 'message' | 'name'): string | undefined {
  const text = isErrorLike(error) ? readProperty(error, key) : undefined;
  return typeof text === 'string' && text !== '' ? text : undefined;
}

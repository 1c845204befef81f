import type { IncomingMessage } from 'node:http';
import { wasDumped } from '../../node-internals/http1-client.ts';
import { isErrorLike, readProperty } from '../../errors/exception-read.ts';
import { errorType } from '../../errors/error-type.ts';
import { messageOf } from '../../values/thrown.ts';

/** Why a request counts as failed: semantic conventions, HTTP spans, "Status". */
export interface Failure {
  /** `error.type` */
  readonly type: string;
  readonly message?: string;
}

/** The error that a request, not its response, emitted. */
export interface Thrown {
  readonly error: unknown;
  /** Whether the request was already destroyed: then by its caller, since a failing connection destroys it only afterwards. */
  readonly wasDestroyed: boolean;
}

/** For a request of `node:http`. */
export function failureOf(thrown: Thrown | undefined, response: IncomingMessage | undefined): Failure | undefined {
  const failure = thrown === undefined ? undefined : failureOfThrown(thrown);
  if (failure !== undefined || response === undefined) return failure;
  return failureOfStatus(response.statusCode) ?? (thrown === undefined ? cutOff(response) : undefined);
}

function failureOfThrown({ error, wasDestroyed }: Thrown): Failure | undefined {
  // An AbortSignal, whatever its reason, which Node sets as the cause.
  if (textIn(error, 'code') === 'ABORT_ERR') return isTimeout(causeOf(error)) ? timeout(error) : undefined;
  // `destroy()` without an error: Node creates this one. An error that the caller passes is a failure.
  const isMadeUp = textIn(error, 'code') === 'ECONNRESET' && textIn(error, 'message') === 'socket hang up';
  if (wasDestroyed && isMadeUp) return undefined;
  return isTimeout(error) ? timeout(error) : failureBy(error);
}

/**
 * For a request of undici. If the caller aborted it, the error is the reason itself, which can be any value. Errors of undici, of
 * the connection and of the parser have a code. So an error without a code is taken for such a reason, unless the request's body
 * was still being read, which may have thrown it.
 */
export function failureOfFetch(error: unknown, wasSent: boolean): Failure | undefined {
  if (isTimeout(error)) return timeout(error);
  if (textIn(error, 'name') === 'AbortError') return undefined;
  return wasSent && textIn(error, 'code') === undefined ? undefined : failureBy(error);
}

/** For a stream of HTTP/2, of either side. */
export function failureOfStream(error: unknown): Failure | undefined {
  if (isTimeout(error) || isTimeout(causeOf(error))) return timeout(error);
  // An AbortSignal, whatever its reason.
  return textIn(error, 'code') === 'ABORT_ERR' || textIn(error, 'name') === 'AbortError' ? undefined : failureBy(error);
}

export function failureOfStatus(statusCode: number | undefined): Failure | undefined {
  return statusCode !== undefined && statusCode >= 400 ? { type: String(statusCode) } : undefined;
}

/** The other side closed the connection within the response. */
function cutOff(response: IncomingMessage): Failure | undefined {
  const { complete, errored } = response;
  if (complete || errored === null || errored === undefined || wasDumped(response)) return undefined;
  return failureBy(errored);
}

/** The reason of `AbortSignal.timeout()`. Any other abort is the caller's intention, not a failure. */
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

/** For an error of any realm. */
function textIn(error: unknown, key: 'code' | 'message' | 'name'): string | undefined {
  const text = isErrorLike(error) ? readProperty(error, key) : undefined;
  return typeof text === 'string' && text !== '' ? text : undefined;
}

import type { IncomingMessage, ServerResponse } from 'node:http';
import { clearTimeout, setTimeout } from '../../clock/clock.ts';
import { free } from './free.ts';

/** A shorter rest of a body is read and discarded, so that the connection can be used for the next request. */
const MOST_READ_BYTES = 1024 * 1024;
/** Discarded at most after the answer: twice the largest body that OTLP recommends to accept. */
const MOST_LINGERING_BYTES = 128 * 1024 * 1024;
const LINGERING_MILLIS = 2000;

/**
 * Handles the rest of a body that is refused. The rest of a long body is not waited for: the answer is sent while the client is still
 * sending, and the connection ends with it.
 * @param left bytes still to come, negative if unknown
 */
export function leaveUnread(request: IncomingMessage, left: number): void {
  // A later error of the request is of no interest, but without a listener it would end the process.
  request.on('error', () => {});
  if (left >= 0 && left <= MOST_READ_BYTES) request.resume();
  else request.pause();
}

/** Whether the rest of the body is left unread, so that the answer must announce the end of the connection. */
export function isLeftUnread(request: IncomingMessage): boolean {
  return request.isPaused() && !request.complete;
}

/**
 * Ends a response whose body is written. Closing a connection on which data still arrives resets it, and the reset may discard the
 * answer before the client has read it. So incoming data is read and discarded for a while first (RFC 9112, 9.6).
 */
export function endLingering(request: IncomingMessage, response: ServerResponse): void {
  let bytes = 0;
  const end = (): void => {
    clearTimeout(timer);
    request.off('data', onData).off('end', end).off('close', end);
    response.end();
  };
  const onData = (chunk: Buffer): void => {
    bytes += chunk.length;
    free(chunk);
    if (bytes > MOST_LINGERING_BYTES) end();
  };
  const timer = setTimeout(end, LINGERING_MILLIS);
  request.on('data', onData).on('end', end).on('close', end).resume();
}

import type { IncomingMessage, ServerResponse } from 'node:http';
import { free } from './free.ts';

/** What is read and thrown away before the answer, so that the connection is good for the next request. */
const MOST_READ_BYTES = 1024 * 1024;
/** After the answer: the largest body OTLP advises to take, and as much again. */
const MOST_LINGERING_BYTES = 128 * 1024 * 1024;
const LINGERING_MILLIS = 2000;

/**
 * Deals with the rest of a body that is refused: a long one is not waited for. The answer comes while the client is still
 * sending, and with the answer its connection ends.
 * @param left bytes still to come, negative where nobody knows
 */
export function leaveUnread(request: IncomingMessage, left: number): void {
  // An error after this concerns a request that is settled; without a listener it would end the process.
  request.on('error', () => {});
  if (left >= 0 && left <= MOST_READ_BYTES) request.resume();
  else request.pause();
}

/** Whether the answer must say that the connection ends. */
export function isLeftUnread(request: IncomingMessage): boolean {
  return request.isPaused() && !request.complete;
}

/**
 * Ends a response that is all written but for its end. To close a connection on which data still comes in resets it, and the
 * reset may take the answer away from a client that has not read it yet: what comes is thrown away for a while (RFC 9112, 9.6).
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

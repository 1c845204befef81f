import type { IncomingMessage } from 'node:http';

/** What is read and thrown away, so that the connection is good for the next request. */
const MOST_READ_BYTES = 1024 * 1024;

/**
 * Deals with the rest of a body that is refused. A long one is not read: under load that would be most of the work. The client
 * finds the answer while it is still sending, and with the answer its connection ends.
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

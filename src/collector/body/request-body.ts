import type { IncomingMessage } from 'node:http';
import { clearTimeout, setTimeout } from '../../clock/clock.ts';
import type { BodyLease } from './body-budget.ts';
import { free } from './free.ts';
import { growBuffer } from './large-memory.ts';
import { leaveUnread } from './leave-unread.ts';
import { overloaded, type Refusal } from '../refusal.ts';

export type Body =
  | { readonly ok: true; readonly bytes: Buffer }
  | { readonly ok: false; readonly refusal: Refusal }
  /** The client has disconnected: no answer is possible. */
  | { readonly ok: false; readonly refusal: undefined };

export interface BodyLimits {
  /** Bytes, before and after decompression. */
  readonly maxBytes: number;
  /** Milliseconds from the headers to the end of the body. */
  readonly timeoutMillis: number;
}

/**
 * Reads a body into one buffer that grows with it. With a list of chunks, a client that sends one byte per chunk would use many times
 * its bytes in memory; with a buffer of `content-length` bytes, a client could take up memory by a header alone.
 */
export function readBody(request: IncomingMessage, limits: BodyLimits, lease: BodyLease): Promise<Body> {
  const declared = Number(request.headers['content-length'] ?? 0);
  if (declared > limits.maxBytes) {
    leaveUnread(request, declared);
    return Promise.resolve(refused(tooLarge(limits.maxBytes, `${declared} bytes`)));
  }
  const largest = declared > 0 ? declared : limits.maxBytes;
  let buffer: Buffer = Buffer.alloc(0);
  let length = 0;

  return new Promise((resolve) => {
    const settle = (body: Body): void => {
      clearTimeout(timer);
      request.off('data', onData).off('end', onEnd).off('close', onClose).off('error', onClose);
      // A later error of the request is of no interest, but without a listener it would end the process.
      request.on('error', ignore);
      if (!body.ok) {
        free(buffer);
        leaveUnread(request, declared - length);
      }
      resolve(body);
    };
    const onData = (chunk: Buffer): void => {
      const needed = length + chunk.length;
      if (needed > limits.maxBytes) return settle(refused(tooLarge(limits.maxBytes, 'more than that')));
      if (!lease.resize(needed)) return settle(refused(overloaded('too much data is being received at once')));
      if (needed > buffer.length) buffer = growBuffer(buffer, length, needed, largest);
      chunk.copy(buffer, length);
      // Node's parser allocates memory for each chunk; with many connections it adds up before it is collected.
      free(chunk);
      length = needed;
    };
    const onEnd = (): void => settle({ ok: true, bytes: buffer.subarray(0, length) });
    const onClose = (): void => settle({ ok: false, refusal: undefined });
    const timer = setTimeout(() => {
      const message = `the body did not arrive within ${limits.timeoutMillis} ms`;
      settle(refused({ status: 408, message, headers: { connection: 'close' } }));
    }, limits.timeoutMillis);
    request.on('data', onData).on('end', onEnd).on('close', onClose).on('error', onClose);
  });
}

export function tooLarge(maxBytes: number, got: string): Refusal {
  return { status: 413, message: `the body may hold ${maxBytes} bytes (got ${got}); nothing of it was stored` };
}

export function refused(refusal: Refusal): Body {
  return { ok: false, refusal };
}

function ignore(): void {}

import type { IncomingHttpHeaders } from 'node:http';
import { diag } from '@opentelemetry/api';
import { beforeEmit } from '../../node-internals/before-emit.ts';
import { isObject } from '../../values/is-object.ts';
import { read } from '../../values/read.ts';

/** A stream of `node:http2`, of either side: what is used of it. */
export interface Http2Stream {
  readonly destroyed: boolean;
  once(event: 'close', listener: () => void): unknown;
}

export function streamOf(message: object): Http2Stream | undefined {
  const stream = read(message, 'stream');
  return isHttp2Stream(stream) ? stream : undefined;
}

function isHttp2Stream(value: unknown): value is Http2Stream {
  return isObject(value) && 'sentHeaders' in value && 'destroyed' in value && 'once' in value;
}

/** Pushed by the server: RFC 9113, section 5.1.1. There is no request. */
export function isPushed(stream: Http2Stream): boolean {
  const id = read(stream, 'id');
  return typeof id === 'number' && id % 2 === 0;
}

/** The stream's connection. After its end there is none. */
export function connectionOf(stream: Http2Stream): object | undefined {
  const socket = read(read(stream, 'session'), 'socket');
  return isObject(socket) ? socket : undefined;
}

export function schemeOf(stream: Http2Stream): 'http' | 'https' {
  return read(read(stream, 'session'), 'encrypted') === true ? 'https' : 'http';
}

/** `:status` of the headers that a server has sent, or that a client has got. */
export function statusOf(headers: unknown): number | undefined {
  const status = Number(read(headers, ':status'));
  return Number.isInteger(status) && status > 0 ? status : undefined;
}

export function isHeaders(value: unknown): value is IncomingHttpHeaders {
  return isObject(value);
}

/**
 * Calls `before` before each event of a stream, and `end` once when it is over: not by the channel `close`, since an error is published
 * after it.
 */
export function watchStream(stream: Http2Stream, before: () => void, end: () => void): void {
  let ended = false;
  const over = (): void => {
    if (ended) return;
    ended = true;
    end();
  };
  // The class is not exported. What the stream emits when it is destroyed comes after all that is published of it.
  const prototype: unknown = Object.getPrototypeOf(stream);
  const watches =
    isObject(prototype) &&
    beforeEmit(stream, prototype, () => {
      before();
      if (stream.destroyed) over();
    });
  if (watches) return;
  stream.once('close', () => {
    try {
      over();
    } catch (error) {
      diag.error('the instrumentation of an HTTP/2 stream failed', error);
    }
  });
}

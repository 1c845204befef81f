import { EventEmitter } from 'node:events';
import type { Server } from 'node:http';
import { context, ROOT_CONTEXT } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import { isObject } from '../values/is-object.ts';

/** A registered symbol and not a WeakSet: the server and the instrumentation may come from two bundles. */
const KEY = Symbol.for('swansong.untraced-server');

const UNTRACED = suppressTracing(ROOT_CONTEXT);

/** Runs `start` with tracing suppressed: an export must become neither a span nor a `http.client.request.duration`. */
export function untraced<T>(start: () => T): T {
  return context.with(UNTRACED, start);
}

/** Requests to this server become neither spans nor `http.server.request.duration`: it serves metrics about the process. */
export function leaveUntraced(server: Server): void {
  Object.defineProperty(server, KEY, { value: true });
  // @opentelemetry/instrumentation-http learns of requests by wrapping `http.Server.prototype.emit`.
  const value: unknown = Reflect.get(EventEmitter.prototype, 'emit');
  Object.defineProperty(server, 'emit', { value, configurable: true, writable: true });
}

export function isUntraced(server: unknown): boolean {
  return isObject(server) && Reflect.get(server, KEY) === true;
}

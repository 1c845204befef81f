import { EventEmitter } from 'node:events';
import type { Server } from 'node:http';

/** By a symbol and not a WeakSet: the server and the instrumentation may be of two bundles. */
const KEY = Symbol.for('swansong.untraced-server');

/** Requests to this server become neither spans nor durations: it serves what the application is watched by. */
export function leaveUntraced(server: Server): void {
  Object.defineProperty(server, KEY, { value: true });
  // @opentelemetry/instrumentation-http knows of requests by wrapping `http.Server.prototype.emit`.
  const value: unknown = Reflect.get(EventEmitter.prototype, 'emit');
  Object.defineProperty(server, 'emit', { value, configurable: true, writable: true });
}

export function isUntraced(server: unknown): boolean {
  return typeof server === 'object' && server !== null && Reflect.get(server, KEY) === true;
}

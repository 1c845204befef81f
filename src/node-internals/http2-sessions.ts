import type { ServerHttp2Session } from 'node:http2';
import type { Server } from 'node:net';
import { isObject } from '../values/is-object.ts';
import { isHttp2Session, sessionOnSocket } from './http2-session-on-socket.ts';
import { unexportedField } from './unexported-field.ts';

/**
 * The HTTP/2 sessions of a server, including those opened before this call: the set behind the symbol `sessions`, which
 * `server.close()` of `node:http2` reads. Seen on Node 24 and 26. Node 22 has no such set: there a session is found on its socket
 * (`sessionOnSocket`).
 *
 * The public ways report only later sessions: the event `session`, and the channels `http2.server.stream.*` (missing in Node 22.15).
 * Where neither list exists, sessions get no GOAWAY from a shutdown; they end when their clients do, or are destroyed at the deadline.
 */
export function http2SessionsOf(server: Server): ServerHttp2Session[] {
  if (!isHttp2Server(server)) return [];
  const sessions = unexportedField(server, 'sessions');
  return isIterable(sessions) ? [...sessions].filter((session) => isHttp2Session(session)) : sessionOnSocket(server);
}

/**
 * How many streams are open in a session: the size of `streams` in what the symbol `state` holds. Seen on Node 22, 24 and 26. The
 * public `session.state` does not have it. Where it is missing it is 0: streams that are cut at the deadline are not counted.
 */
export function openStreams(session: ServerHttp2Session): number {
  const state = unexportedField(session, 'state');
  const streams: unknown = isObject(state) ? Reflect.get(state, 'streams') : undefined;
  // Node's internal SafeMap: `instanceof Map` is false.
  const size: unknown = isObject(streams) ? Reflect.get(streams, 'size') : undefined;
  return typeof size === 'number' ? size : 0;
}

/** The classes are not exported; no other server has `updateSettings()`, which is public. */
export function isHttp2Server(server: Server): boolean {
  return typeof Reflect.get(server, 'updateSettings') === 'function';
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return isObject(value) && typeof Reflect.get(value, Symbol.iterator) === 'function';
}

import type { Server } from 'node:net';
import { hasServed } from './close-idle-connections.ts';
import { http2SessionsOf } from '../node-internals/http2-sessions.ts';

/**
 * Calls `server.close()`: the application may have replaced it, and Node stops its check for slow requests there.
 *
 * Node's also ends connections that look unused, at once, with the request that may be on its way: `close()` of node:http and
 * node:https calls `this.closeIdleConnections()` (Node 19 and later), that of node:http2 `close()` of each session (Node 24 and
 * later). For the length of the call these two do nothing; `CloseIdleConnections` does it instead, after a grace. If a `close()`
 * of the application calls Node's only later, Node ends these connections itself.
 *
 * @param onFailure gets what the application's own `close()` throws or rejects with
 */
export function closeListening(server: Server, onFailure: (error: unknown) => void): void {
  const begun = http2SessionsOf(server).filter((session) => !hasServed(session));
  const restore = [
    ...('closeIdleConnections' in server ? [withhold(server, 'closeIdleConnections')] : []),
    ...begun.map((session) => withhold(session, 'close')),
  ];
  try {
    const returned: unknown = server.close();
    if (returned instanceof Promise) returned.catch(onFailure);
  } catch (error) {
    onFailure(error);
  } finally {
    for (const put of restore) put();
  }
}

/** Makes a method do nothing, by a property of the object's own. @returns a function that restores it */
function withhold(owner: object, method: string): () => void {
  const own = Object.getOwnPropertyDescriptor(owner, method);
  if (!Reflect.defineProperty(owner, method, { configurable: true, writable: true, value: () => {} })) return () => {};
  return () => {
    if (own === undefined) Reflect.deleteProperty(owner, method);
    else Object.defineProperty(owner, method, own);
  };
}

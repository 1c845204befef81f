import { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { isObject } from '../values/is-object.ts';

/**
 * The response that Node is sending on a connection: `socket._httpMessage`, undocumented, seen on Node 22, 24 and 26. Responses
 * to requests that were pipelined behind it cannot be seen.
 *
 * The public way, the channel `http.server.request.start`, reports only later requests. Where the field is missing,
 * requests from before a shutdown are answered without `Connection: close`, and their connections are then closed as idle ones.
 */
export function responseOn(socket: Socket): ServerResponse | undefined {
  const response: unknown = Reflect.get(socket, '_httpMessage');
  return response instanceof ServerResponse ? response : undefined;
}

/**
 * Whether a response belongs to the last request that was parsed on its connection: `socket.parser.incoming`, undocumented,
 * seen on Node 22, 24 and 26.
 *
 * Where it is missing the result is false: then no response to an earlier request has `Connection: close`. It must not have it while
 * another request is pipelined behind it, since Node closes the connection after it.
 */
export function isNewestOn(socket: Socket, response: ServerResponse): boolean {
  const parser: unknown = Reflect.get(socket, 'parser');
  return isObject(parser) && Reflect.get(parser, 'incoming') === response.req;
}

/**
 * Keeps a connection open after a response that has sent the header `Connection: close`: `response._last`, undocumented, seen on
 * Node 22, 24 and 26. Node closes the connection after a response for which it is true.
 *
 * For a request that was parsed only after the headers were sent: both came in one piece, and the first was answered at once.
 * There is no public way. Where the field is missing, the later of such requests get no answer.
 */
export function keepOpenAfter(response: ServerResponse): void {
  if (Reflect.get(response, '_last') === true) Reflect.set(response, '_last', false);
}

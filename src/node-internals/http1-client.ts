import type { Agent, ClientRequest, IncomingMessage } from 'node:http';
import { isObject } from '../values/is-object.ts';

/**
 * The agent of a request, and the Unix socket it goes to: `request.agent` and `request.socketPath`, undocumented, seen on Node 22,
 * 24 and 26. There is no public way from a request to its options. Where they are missing the port is taken from the Host header,
 * and a Unix socket looks like `localhost`.
 */
export function agentOf(request: ClientRequest): Agent | undefined {
  const agent: unknown = Reflect.get(request, 'agent');
  return isAgent(agent) ? agent : undefined;
}

export function socketPathOf(request: ClientRequest): string | undefined {
  const path: unknown = Reflect.get(request, 'socketPath');
  return typeof path === 'string' && path !== '' ? path : undefined;
}

function isAgent(value: unknown): value is Agent {
  return isObject(value) && 'sockets' in value && 'requests' in value;
}

/**
 * Whether a socket of an agent may be the one that a new request gets: `socket._httpMessage`, undocumented, seen on Node 22, 24
 * and 26 (before 26 it is set in the next tick). There is no public way before the request's event `socket`. Where it is missing,
 * two requests to one host and two ports that are created in one tick may be taken for one another.
 */
export function mayServe(socket: object, request: ClientRequest): boolean {
  const user: unknown = Reflect.get(socket, '_httpMessage');
  return user === request || user === undefined || user === null;
}

/**
 * Whether Node has discarded the rest of a response because the application gave up: `response._dumped`, undocumented, seen on
 * Node 22, 24 and 26. There is no public way: an `aborted` response looks the same whichever side closed the connection. Where it
 * is missing, such a response is recorded as an error.
 */
export function wasDumped(response: IncomingMessage): boolean {
  return Reflect.get(response, '_dumped') === true;
}

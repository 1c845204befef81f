import type { ClientRequest } from 'node:http';
import { agentOf, mayServe, socketPathOf } from '../../node-internals/http1-client.ts';
import { parseHostAndPort } from './host-and-port.ts';
import { httpScheme, parseRequestTarget } from '../../request/request-target.ts';
import { redactQuery } from './redact-query.ts';

/** Where a request goes; its span and its duration take their attributes from here. */
export interface Destination {
  /** Host name, IP address or path of a socket. */
  readonly address: string;
  /** Undefined for a Unix socket, and for some requests whose port Node does not show. */
  readonly port: number | undefined;
  /** Whether the address is the path of a Unix socket: then it is also the peer's address. */
  readonly isFile: boolean;
  readonly url: string;
}

const DEFAULT_PORTS = { http: 80, https: 443 };

/** The connection of a request. */
interface Connection {
  readonly scheme: 'http' | 'https';
  /** An IPv6 address without brackets. */
  readonly host: string;
  readonly port: number | undefined;
  /** Of a Unix socket. */
  readonly socketPath: string | undefined;
}

/**
 * By the connection, not by the Host header: an application that forwards the header it received would let its clients
 * choose the attributes of a metric. For a target in absolute form, the address in it: the connection is to a proxy.
 */
export function destinationOf(request: ClientRequest): Destination {
  const scheme = httpScheme(request.protocol.replace(':', '')) ?? 'http';
  const host = withoutBrackets(request.host);
  const socketPath = socketPathOf(request);
  const port =
    socketPath === undefined ? (portByAgent(request) ?? portByHostHeader(request, inUrl(host), scheme)) : undefined;
  return describe({ scheme, host, port, socketPath }, request.method, request.path);
}

/** For a request of undici: `origin` is a URL without a path. Undefined if it is neither http nor https. */
export function destinationOfUrl(origin: URL, method: string, target: string): Destination | undefined {
  const scheme = httpScheme(origin.protocol.replace(':', ''));
  if (scheme === undefined) return undefined;
  const port = origin.port === '' ? DEFAULT_PORTS[scheme] : Number(origin.port);
  return describe({ scheme, host: withoutBrackets(origin.hostname), port, socketPath: undefined }, method, target);
}

function describe({ scheme, host, port, socketPath }: Connection, method: string, requestTarget: string): Destination {
  const target = parseRequestTarget(method, requestTarget);
  const query = target.query === undefined ? '' : `?${redactQuery(target.query)}`;
  if (target.scheme !== undefined && target.authority !== undefined) {
    const server = parseHostAndPort(target.authority);
    const serverScheme = httpScheme(target.scheme);
    const credentials = target.hasCredentials ? 'REDACTED:REDACTED@' : '';
    return {
      address: server?.host ?? target.authority,
      port: server?.port ?? (serverScheme === undefined ? undefined : DEFAULT_PORTS[serverScheme]),
      isFile: false,
      url: `${target.scheme}://${credentials}${target.authority}${target.path}${query}`,
    };
  }
  const authority =
    target.authority ?? (port === undefined || port === DEFAULT_PORTS[scheme] ? inUrl(host) : `${inUrl(host)}:${port}`);
  const path = target.path === '' || target.path.startsWith('/') ? target.path : `/${target.path}`;
  return {
    address: socketPath ?? host,
    port,
    isFile: socketPath !== undefined,
    url: `${scheme}://${authority}${path}${query}`,
  };
}

function withoutBrackets(host: string): string {
  return host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
}

/** RFC 3986, section 3.2.2: an IPv6 address is in brackets. */
function inUrl(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

/**
 * An agent keeps its requests and sockets under names that begin with `host:port:` (`agent.getName()`). A new request has either
 * been queued, or is about to get the last socket of its name, or the first one that is still being created. If two new requests
 * to one host and two ports are created in one tick, it is unknown which is which.
 */
function portByAgent(request: ClientRequest): number | undefined {
  const agent = agentOf(request);
  if (agent === undefined) return undefined;
  const start = `${request.host}:`;
  const portIn = (name: string): number | undefined => {
    const port = name.startsWith(start) ? Number.parseInt(name.slice(start.length), 10) : Number.NaN;
    return Number.isNaN(port) ? undefined : port;
  };
  for (const name of Object.keys(agent.requests)) {
    if (agent.requests[name]?.includes(request) === true) return portIn(name);
  }
  let found: number | undefined;
  for (const name of Object.keys(agent.sockets)) {
    const port = portIn(name);
    if (port === undefined || port === found || !awaits(agent.sockets[name], request)) continue;
    if (found !== undefined) return undefined;
    found = port;
  }
  return found;
}

function awaits(sockets: readonly object[] = [], request: ClientRequest): boolean {
  const newest = sockets.at(-1);
  return newest === undefined || mayServe(newest, request);
}

/** The Host header that Node itself sets has the port unless it is the default one. */
function portByHostHeader(request: ClientRequest, host: string, scheme: 'http' | 'https'): number | undefined {
  const header = request.getHeader('host');
  if (typeof header !== 'string' || (header !== host && !header.startsWith(`${host}:`))) return undefined;
  return parseHostAndPort(header)?.port ?? DEFAULT_PORTS[scheme];
}

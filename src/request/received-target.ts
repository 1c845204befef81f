import type { IncomingMessage } from 'node:http';
import { parseRequestTarget } from './request-target.ts';

/** For which host and path a server has received a request. */
export interface ReceivedTarget {
  /** The host, and often a port, as the client wrote them; undefined where a client of HTTP/1.0 named none. */
  readonly host: string | undefined;
  /** Without the query; `*` for the server as a whole. */
  readonly path: string;
  /** Why the request must be answered 400; undefined if it need not. */
  readonly problem: string | undefined;
}

/** RFC 9112, section 3.2. Node has checked that a request of HTTP/1.1 has a Host header. */
export function receivedTarget({ method = 'GET', url = '/', headers, rawHeaders }: IncomingMessage): ReceivedTarget {
  let hosts = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) if (isHost(rawHeaders[index])) hosts++;
  const target = parseRequestTarget(method, url);
  // User information can make one host look like another (RFC 9110, section 4.2.4): with it, no host is allowed.
  const authority = target.hasCredentials ? `REDACTED@${target.authority}` : target.authority;
  return {
    // A server must accept the absolute form, and must then ignore the Host header (section 3.2.2).
    host: authority ?? headers.host,
    path: url === '*' ? '*' : target.path,
    // Node shows only the first one; a proxy in front of this server may have decided by another.
    problem: hosts > 1 ? `host: expected one header (got ${hosts})` : undefined,
  };
}

function isHost(name: string | undefined): boolean {
  return name?.length === 4 && name.toLowerCase() === 'host';
}

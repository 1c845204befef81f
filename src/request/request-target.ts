import type { IncomingMessage } from 'node:http';

export interface RequestTarget {
  /** The host, and often a port, as the client wrote them; undefined where a client of HTTP/1.0 named none. */
  readonly host: string | undefined;
  /** Without the query. */
  readonly path: string;
  /** Why the request must be answered 400; undefined if it need not. */
  readonly problem: string | undefined;
}

const ABSOLUTE_FORM = /^https?:\/\/([^/?#]*)([^?#]*)/i;

/** Which host and which path a request is for (RFC 9112 §3.2). That a request of HTTP/1.1 has a Host, Node has checked. */
export function requestTarget({ url = '/', headers, rawHeaders }: IncomingMessage): RequestTarget {
  let hosts = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) if (isHost(rawHeaders[index])) hosts++;
  // Node shows only the first; a proxy before this server may have decided by another.
  const problem = hosts > 1 ? `host: expected one header (got ${hosts})` : undefined;
  // A server must accept the absolute form, and must ignore Host then (§3.2.2).
  const [, authority, path] = ABSOLUTE_FORM.exec(url) ?? [];
  if (authority !== undefined)
    return { host: authority, path: path === '' || path === undefined ? '/' : path, problem };
  return { host: headers.host, path: url.split('?', 1)[0] ?? '/', problem };
}

function isHost(name: string | undefined): boolean {
  return name?.length === 4 && name.toLowerCase() === 'host';
}

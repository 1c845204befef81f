import type { IncomingHttpHeaders } from 'node:http';
import { httpScheme } from './request-target.ts';

/** What a proxy says about the original request. */
export interface Forwarded {
  readonly client: string | undefined;
  readonly host: string | undefined;
  readonly scheme: 'http' | 'https' | undefined;
}

/** `Forwarded` (RFC 7239), else `X-Forwarded-*`; of several proxies the first, which is nearest to the client. */
export function readForwarded(headers: IncomingHttpHeaders): Forwarded {
  const { forwarded } = headers;
  if (forwarded !== undefined) {
    const [first = ''] = forwarded.split(',');
    const pairs = new Map(first.split(';').map((pair) => splitPair(pair)));
    return {
      client: withoutPort(pairs.get('for')),
      host: pairs.get('host'),
      scheme: httpScheme(pairs.get('proto')),
    };
  }
  return {
    client: firstOf(headers['x-forwarded-for']),
    host: firstOf(headers['x-forwarded-host']),
    scheme: httpScheme(firstOf(headers['x-forwarded-proto'])),
  };
}

function splitPair(pair: string): [string, string] {
  const equals = pair.indexOf('=');
  const value = pair.slice(equals + 1).trim();
  return [pair.slice(0, Math.max(0, equals)).trim().toLowerCase(), value.replaceAll('"', '')];
}

/** `192.0.2.1:80` and `[2001:db8::1]:80` without their ports. */
function withoutPort(node: string | undefined): string | undefined {
  return node?.startsWith('[') ? node.slice(1, node.indexOf(']')) : node?.replace(/:\d+$/, '');
}

function firstOf(header: string | string[] | undefined): string | undefined {
  const text = Array.isArray(header) ? header[0] : header;
  const first = text?.split(',', 1)[0]?.trim();
  return first === '' ? undefined : first;
}

import type { IncomingHttpHeaders } from 'node:http';
import { type HostAndPort, parseHostAndPort } from './host-and-port.ts';
import { httpScheme } from '../../request/request-target.ts';

/** The original request according to a proxy. What is unknown, hidden or malformed is undefined. */
export interface Forwarded {
  /** An IP address. */
  readonly client: string | undefined;
  readonly host: HostAndPort | undefined;
  readonly scheme: 'http' | 'https' | undefined;
}

/** `Forwarded` (RFC 7239), else `X-Forwarded-*`; of several proxies the first, which is nearest to the client. */
export function readForwarded(headers: IncomingHttpHeaders): Forwarded {
  const { forwarded } = headers;
  if (forwarded !== undefined) {
    const pairs = firstElement(forwarded);
    return {
      client: addressOf(pairs.get('for')),
      host: hostOf(pairs.get('host')),
      scheme: httpScheme(pairs.get('proto')),
    };
  }
  return {
    client: addressOf(firstOf(headers['x-forwarded-for'])),
    host: hostOf(firstOf(headers['x-forwarded-host'])),
    scheme: httpScheme(firstOf(headers['x-forwarded-proto'])),
  };
}

/** RFC 7239, section 4: a name, and a token or a quoted string. Tokens may have more characters here: many proxies do not quote addresses. */
const PAIR =
  /[ \t]*(?<name>[\w!#$%&'*+.^`|~-]+)=(?:"(?<quoted>(?:[^"\\]|\\.)*)"|(?<token>[^\s",;]*))[ \t]*(?<end>[,;]|$)/y;

/**
 * Parsed here: the existing packages read all elements, throw at the first wrong character, and leave the addresses, the difficult
 * part, to their caller.
 */
function firstElement(header: string): ReadonlyMap<string, string> {
  const pairs = new Map<string, string>();
  PAIR.lastIndex = 0;
  for (let more = true; more;) {
    const groups = PAIR.exec(header)?.groups;
    if (groups === undefined) break;
    const value = groups['token'] ?? groups['quoted']?.replaceAll(/\\(.)/g, '$1') ?? '';
    pairs.set((groups['name'] ?? '').toLowerCase(), value);
    more = groups['end'] === ';';
  }
  return pairs;
}

/** `192.0.2.1`, `192.0.2.1:80`, `[2001:db8::1]`, `[2001:db8::1]:_port` or `2001:db8::1`; `unknown` and `_hidden` do not match. */
const NODE = /^(?:\[(?<v6>[^\]]*)\]|(?<v4>[\d.]+))(?::(?:\d{1,5}|_[\w.-]+))?$/;

function addressOf(node: string | undefined): string | undefined {
  if (node === undefined || node === '') return undefined;
  const { isIP } = process.getBuiltinModule('node:net');
  const groups = NODE.exec(node)?.groups;
  const address = groups?.['v6'] ?? groups?.['v4'] ?? node;
  return isIP(address) === 0 ? undefined : address;
}

function hostOf(text: string | undefined): HostAndPort | undefined {
  return text === undefined ? undefined : parseHostAndPort(text);
}

function firstOf(header: string | string[] | undefined): string | undefined {
  const text = Array.isArray(header) ? header[0] : header;
  return text?.split(',', 1)[0]?.trim();
}

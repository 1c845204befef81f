import type { Parsed } from './parse.ts';
import { parsed, refused } from './parse.ts';
import { quote } from './show-value.ts';

const LOOPBACK = '127.0.0.1';
const MAX_PORT = 65_535;

/** Where a server listens. */
export interface Address {
  /** A name or an IP address, an IPv6 one without brackets. */
  readonly host: string;
  /** 0 for a free one. */
  readonly port: number;
}

/**
 * `port`, `host:port` or `[ipv6]:port`. A port alone is one of the loopback interface, and `:port` is refused: elsewhere it
 * means every interface, which should be asked for by name (`0.0.0.0`).
 */
export function parseAddress(raw: string): Parsed<string> {
  const { host, port } = /^(?:(?<host>[\w.-]+|\[[\da-f:.]+\]):)?(?<port>\d{1,5})$/i.exec(raw)?.groups ?? {};
  return port === undefined || Number(port) > MAX_PORT
    ? refused('a port or host:port', quote(raw))
    : parsed(`${host ?? LOOPBACK}:${Number(port)}`);
}

/** @param text what `parseAddress` gave */
export function toAddress(text: string): Address {
  const colon = text.lastIndexOf(':');
  return { host: text.slice(0, colon).replace(/^\[(.*)\]$/, '$1'), port: Number(text.slice(colon + 1)) };
}

/** As it stands in a URL. */
export function showAddress({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

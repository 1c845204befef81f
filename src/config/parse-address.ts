import type { Parsed } from './parse.ts';
import { parsed, refused } from './parse.ts';
import { quote } from './show-value.ts';

const LOOPBACK = '127.0.0.1';
const MAX_PORT = 65_535;

/** Where a server listens. */
export interface Address {
  /** A name or an IP address, an IPv6 one without brackets. */
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
}

/**
 * `port`, `host:port` or `[ipv6]:port`. A port alone means the loopback interface. `:port` is refused: in other programs it
 * means every interface, which should be requested by name (`0.0.0.0`).
 */
export function parseAddress(raw: string): Parsed<string> {
  const { host, port } = /^(?:(?<host>[\w.-]+|\[[\da-f:.]+\]):)?(?<port>\d{1,5})$/i.exec(raw)?.groups ?? {};
  return port === undefined || Number(port) > MAX_PORT
    ? refused('a port or host:port', quote(raw))
    : parsed(`${host ?? LOOPBACK}:${Number(port)}`);
}

/** @param text a value that `parseAddress` returned */
export function toAddress(text: string): Address {
  const colon = text.lastIndexOf(':');
  return { host: text.slice(0, colon).replace(/^\[(.*)\]$/, '$1'), port: Number(text.slice(colon + 1)) };
}

/** The address in the form that URLs use: IPv6 in brackets. */
export function showAddress({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

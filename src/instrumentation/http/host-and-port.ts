export interface HostAndPort {
  readonly host: string;
  readonly port: number | undefined;
}

/** Most requests to a server name the same host. */
let last: { readonly text: string; readonly parsed: HostAndPort | undefined } | undefined;

/** Parses `example.org`, `example.org:8080` or `[::1]:8080`; undefined for anything else. */
export function parseHostAndPort(text: string): HostAndPort | undefined {
  if (last?.text !== text) last = { text, parsed: parse(text) };
  return last.parsed;
}

function parse(text: string): HostAndPort | undefined {
  const groups = /^(?:\[(?<v6>[0-9a-f:.]+)\]|(?<name>[^:/\s]+))(?::(?<port>\d{1,5}))?$/i.exec(text.trim())?.groups;
  const host = groups?.['v6'] ?? groups?.['name'];
  if (host === undefined) return undefined;
  return { host, port: groups?.['port'] === undefined ? undefined : Number(groups['port']) };
}

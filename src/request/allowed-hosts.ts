/** For error messages. */
export const HOST_PATTERN = 'a host name or an IP address without a port, .example.com for all names below it, or *';

/** A host and a port as in a URL; without characters that would make a URL parser find another host or decode it. */
const AUTHORITY = /^(?:\[[\da-f:.]+\]|[^\s/?#@\\%,:[\]]+)(?::\d*)?$/i;
const IPV6_WITHOUT_BRACKETS = /^[\da-f]*:[\da-f:.]*:[\da-f.]*$/i;
const IP_ADDRESS = /^(?:\d+\.\d+\.\d+\.\d+|\[.+\])$/;
/** 127.0.0.0/8, ::1, and the first as IPv4 in IPv6. */
const LOOPBACK = /^(?:127\.\d+\.\d+\.\d+|\[::1\]|\[::ffff:7f[\da-f]{2}:[\da-f]{1,4}\]|(?:.+\.)?localhost)$/;
const EVERY_ADDRESS: ReadonlySet<string> = new Set(['0.0.0.0', '[::]']);
/**
 * A name of one label, or below a domain that nobody can register: `local` (RFC 6762), `internal` (reserved by ICANN),
 * `home.arpa` (RFC 8375), and `svc` of Kubernetes. Only the network's own DNS can make it resolve.
 */
const NAME_OF_A_NETWORK = /^[^.]+$|\.(?:local|internal|home\.arpa|svc)$/;

/**
 * The hosts that requests may be for. By DNS rebinding a web page can reach a server on this machine under the page's own host
 * name, so that the browser treats its requests as same-origin. Only the host name in the request shows the difference.
 *
 * Allowed are loopback names, the address that the server listens on, and what the user names. A server that listens on every
 * address is reached by names that it cannot know: those of a Docker or Kubernetes service, the addresses of a host that
 * publishes its port. It accepts every IP address, which needs no DNS, and the names that match `NAME_OF_A_NETWORK`.
 */
export class AllowedHosts {
  readonly #names = new Set<string>();
  readonly #suffixes: string[] = [];
  #allowsAll = false;
  #isOnEveryAddress = false;

  /** @param patterns that are `isHostPattern` */
  constructor(patterns: readonly string[]) {
    for (const pattern of patterns) {
      if (pattern === '*') this.#allowsAll = true;
      else if (pattern.startsWith('.')) this.#suffixes.push(normalised(pattern.slice(1)) ?? pattern);
      else this.#names.add(normalised(pattern) ?? pattern);
    }
  }

  /** Adds what the server listens on: the name that the user gave and the address that it resolved to. */
  listensOn(...hosts: readonly string[]): void {
    for (const host of hosts) {
      const name = normalised(host);
      if (name === undefined) continue;
      if (EVERY_ADDRESS.has(name)) this.#isOnEveryAddress = true;
      else this.#names.add(name);
    }
  }

  /** @param host of a request; undefined if it has none, which only HTTP/1.0 allows and no browser sends */
  allows(host: string | undefined): boolean {
    if (host === undefined || this.#allowsAll) return true;
    const name = AUTHORITY.test(host) ? normalised(host) : undefined;
    if (name === undefined) return false;
    if (LOOPBACK.test(name) || this.#names.has(name)) return true;
    if (this.#suffixes.some((suffix) => name === suffix || name.endsWith(`.${suffix}`))) return true;
    return this.#isOnEveryAddress && (IP_ADDRESS.test(name) || NAME_OF_A_NETWORK.test(name));
  }
}

/** `collector.example:4318` without the port, as a user would allow it. */
export function withoutPort(host: string): string {
  return host.replace(/:\d*$/, '');
}

/** Whether the text is valid as a pattern of allowed hosts. */
export function isHostPattern(text: string): boolean {
  if (text === '*') return true;
  const host = text.replace(/^\./, '');
  const isHost =
    IPV6_WITHOUT_BRACKETS.test(host) || (AUTHORITY.test(host) && !/:\d*$/.test(host.replace(/^\[.*\]/, '')));
  return isHost && !host.includes('*') && normalised(host) !== undefined;
}

/** As the URL parser normalises a host: lower case, IPv6 shortened and in brackets, without port; also without the final dot. */
function normalised(host: string): string | undefined {
  const url = URL.parse(`http://${IPV6_WITHOUT_BRACKETS.test(host) ? `[${host}]` : host}`);
  const name = url?.hostname.replace(/\.$/, '');
  return name === '' ? undefined : name;
}

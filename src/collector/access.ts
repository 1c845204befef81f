import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Refusal } from './refusal.ts';

export interface AccessOptions {
  readonly token: string | undefined;
  readonly corsOrigins: readonly string[];
}

const PREFLIGHT_SECONDS = '7200';
/** Names of headers with commas between them, as a browser lists those that a page wants to send. */
const HEADER_NAMES = /^[\w\-, ]{1,1000}$/;

/** Who may send: those with the token, if there is one, and pages of the origins that were named. */
export class Access {
  readonly #token: Buffer | undefined;
  readonly #origins: ReadonlySet<string>;

  constructor({ token, corsOrigins }: AccessOptions) {
    this.#token = token === undefined ? undefined : digest(token);
    this.#origins = new Set(corsOrigins);
  }

  /** @returns what is wrong with the token of a request */
  check(request: IncomingMessage): Refusal | undefined {
    if (this.#token === undefined) return undefined;
    const given = /^Bearer +(.+)$/i.exec(request.headers.authorization ?? '')?.[1];
    // Digests have one length, and comparing them takes one time, whatever was given.
    if (given !== undefined && timingSafeEqual(digest(given), this.#token)) return undefined;
    const got = given === undefined ? 'none' : 'another one';
    const message = `authorization: expected the bearer token of this collector (got ${got})`;
    return { status: 401, message, headers: { 'www-authenticate': 'Bearer' } };
  }

  /** What lets a page read the answer; nothing for others, which are not kept from sending by this. */
  headers(request: IncomingMessage): Readonly<Record<string, string>> {
    if (this.#origins.size === 0) return {};
    const { origin } = request.headers;
    const allowed = this.#allowed(origin);
    if (allowed === undefined) return { vary: 'origin' };
    return { vary: 'origin', 'access-control-allow-origin': allowed, 'access-control-expose-headers': 'retry-after' };
  }

  /** The answer to a browser that asks before it sends: undefined where pages may not send, or nobody asks. */
  preflight(request: IncomingMessage): Readonly<Record<string, string>> | undefined {
    const { origin, 'access-control-request-method': method } = request.headers;
    if (request.method !== 'OPTIONS' || method === undefined || this.#allowed(origin) === undefined) return undefined;
    const wanted = request.headers['access-control-request-headers'] ?? '';
    return {
      ...this.headers(request),
      'access-control-allow-methods': 'POST',
      'access-control-allow-headers': HEADER_NAMES.test(wanted) ? wanted : 'content-type',
      'access-control-max-age': PREFLIGHT_SECONDS,
    };
  }

  #allowed(origin: string | undefined): string | undefined {
    if (origin === undefined) return undefined;
    return this.#origins.has('*') || this.#origins.has(origin) ? origin : undefined;
  }
}

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

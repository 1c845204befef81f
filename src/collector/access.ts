import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Refusal } from './refusal.ts';

export interface AccessOptions {
  readonly token: string | undefined;
  readonly corsOrigins: readonly string[];
}

const PREFLIGHT_SECONDS = '7200';
/** Header names separated by commas: the headers a page wants to send, as a browser lists them in a preflight request. */
const HEADER_NAMES = /^[\w\-, ]{1,1000}$/;

/** Decides who may send: clients with the token, if one is required, and web pages of the allowed origins. */
export class Access {
  readonly #token: Buffer | undefined;
  readonly #origins: ReadonlySet<string>;

  constructor({ token, corsOrigins }: AccessOptions) {
    this.#token = token === undefined ? undefined : digest(token);
    this.#origins = new Set(corsOrigins);
  }

  /** @returns the refusal of a request without the right token; undefined if it may send */
  check(request: IncomingMessage): Refusal | undefined {
    if (this.#token === undefined) return undefined;
    const given = /^Bearer +(.+)$/i.exec(request.headers.authorization ?? '')?.[1];
    // timingSafeEqual needs equal lengths; digests have them, whatever the length of the given token.
    if (given !== undefined && timingSafeEqual(digest(given), this.#token)) return undefined;
    const got = given === undefined ? 'none' : 'another one';
    const message = `authorization: expected the bearer token of this collector (got ${got})`;
    return { status: 401, message, headers: { 'www-authenticate': 'Bearer' } };
  }

  /** Response headers that let a page of an allowed origin read the answer. They do not keep others from sending. */
  headers(request: IncomingMessage): Readonly<Record<string, string>> {
    if (this.#origins.size === 0) return {};
    const { origin } = request.headers;
    const allowed = this.#allowed(origin);
    if (allowed === undefined) return { vary: 'origin' };
    return { vary: 'origin', 'access-control-allow-origin': allowed, 'access-control-expose-headers': 'retry-after' };
  }

  /** The headers that answer a preflight request; undefined if the origin is not allowed or the request is not a preflight. */
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

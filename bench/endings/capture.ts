import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { brotliDecompressSync, gunzipSync, inflateSync, zstdDecompressSync } from 'node:zlib';
import { authority, serverCertificate } from '../../test/support/certificates.ts';

const INFLATE: Readonly<Record<string, (body: Buffer) => Buffer>> = {
  gzip: (body) => gunzipSync(body),
  deflate: (body) => inflateSync(body),
  br: (body) => brotliDecompressSync(body),
  zstd: (body) => zstdDecompressSync(body),
};

/** The request that dd-trace sends to its agent before it sends spans. */
const AGENT_INFO = JSON.stringify({
  version: '7.70.0',
  endpoints: ['/v0.4/traces', '/v0.5/traces', '/telemetry/proxy/', '/evp_proxy/v4/', '/v0.6/stats', '/v0.7/config'],
  client_drop_p0s: false,
});

/**
 * A backend that accepts everything: OTLP, Sentry's envelopes, the requests to a Datadog agent. It decodes none of it and keeps
 * the bodies, in which the bench searches for text.
 */
export class Capture {
  readonly #server: Server;
  readonly #scheme: string;
  #bodies: string[] = [];
  #holding = false;
  #held: string[] = [];
  #lastRequestAt = 0;
  #underWay = 0;

  private constructor(server: Server, scheme: string) {
    this.#server = server;
    this.#scheme = scheme;
    server.on('request', (request, response) => {
      this.#underWay += 1;
      response.once('close', () => (this.#underWay -= 1));
      this.#receive(request, response).catch(() => response.destroy());
    });
  }

  /** With `tls` the certificate is issued by a private CA; `mutual` also requires a client certificate. */
  static async start(tls?: 'server' | 'mutual'): Promise<Capture> {
    const server =
      tls === undefined
        ? createServer()
        : createTlsServer({
            cert: readFileSync(serverCertificate.cert),
            key: readFileSync(serverCertificate.key),
            ...(tls === 'mutual' ? { ca: readFileSync(authority), requestCert: true, rejectUnauthorized: true } : {}),
          });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new Capture(server, tls === undefined ? 'http' : 'https');
  }

  get url(): string {
    return `${this.#scheme}://127.0.0.1:${this.port}`;
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('expected a TCP address');
    return address.port;
  }

  /** From now on requests are read but not answered, and do not count as delivered. */
  hold(): void {
    this.#holding = true;
  }

  /** New requests are answered again; those that were held never are. */
  answerAgain(): void {
    this.#holding = false;
  }

  /** Whether a request that is held contains the text. */
  holds(text: string): boolean {
    return this.#held.some((body) => body.includes(text));
  }

  contains(text: string): boolean {
    return this.#bodies.some((body) => body.includes(text));
  }

  /** Number of different texts that match, not counting those in a match of `except`. */
  count(pattern: RegExp, except: RegExp | undefined): number {
    const bodies = except === undefined ? this.#bodies : this.#bodies.map((body) => body.replaceAll(except, ''));
    return new Set(bodies.flatMap((body) => body.match(pattern) ?? [])).size;
  }

  /** Resolves when there was no request for some time: some distributions send after the process has ended. */
  async untilQuiet(quietMillis: number): Promise<void> {
    const startedAt = performance.now();
    for (;;) {
      const idle = performance.now() - Math.max(startedAt, this.#lastRequestAt);
      if (this.#underWay - this.#held.length <= 0 && idle >= quietMillis) return;
      await delay(20);
    }
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    this.#lastRequestAt = performance.now();
    const wire = Buffer.concat(chunks);
    const inflate = INFLATE[request.headers['content-encoding'] ?? ''];
    // latin1, one character per byte: the searched texts are ASCII, and not all bodies are text.
    const body = (inflate === undefined ? wire : inflate(wire)).toString('latin1');
    if (this.#holding) {
      this.#held.push(body);
      return;
    }
    this.#bodies.push(body);
    const protobuf = request.headers['content-type'] === 'application/x-protobuf';
    response.setHeader('content-type', protobuf ? 'application/x-protobuf' : 'application/json');
    response.end(protobuf ? '' : request.url === '/info' ? AGENT_INFO : '{}');
  }
}

import type { Agent, ClientRequest, IncomingHttpHeaders, IncomingMessage, RequestOptions } from 'node:http';
import { urlToHttpOptions } from 'node:url';
import { clearTimeout, setTimeout } from '../clock/clock.ts';
import { toError } from '../values/thrown.ts';
import { createAgent, type TlsFiles } from './create-agent.ts';

/** OTLP 1.11: a client SHOULD read at most 4 MiB of a response. */
const MAX_RESPONSE_BYTES = 4 * 1024 * 1024;

/** A redirect loop must not block a batch for ever. */
const MAX_REDIRECTS = 3;

/**
 * How long to wait until Node ends an aborted request. Usually it does so at once. But if a test of the application mocked
 * `process.nextTick` when the request was started, its callbacks are lost, and neither the request nor its connection ever ends.
 */
const ABORT_MILLIS = 100;

export interface HttpClientOptions {
  readonly url: URL;
  readonly tls: TlsFiles;
  /** Parallel connections; they are kept alive between requests. */
  readonly maxConnections: number;
  /** The application's agent, used instead of swansong's own: read for each request, never closed. */
  readonly agent?: () => Promise<Agent | undefined>;
  /** Starts a request with tracing suppressed: an export must be recorded neither as a span nor in `http.client.request.duration`. */
  readonly untraced?: <T>(start: () => T) => T;
}

export type HttpAnswer =
  | { readonly status: 'answered'; readonly code: number; readonly headers: IncomingHttpHeaders; readonly body: Buffer }
  | { readonly status: 'unanswered'; readonly error: Error };

/** Posts to one URL over its own connections. Its sockets are unreferenced: a caller that waits must keep the process alive. */
export class HttpClient {
  readonly #options: HttpClientOptions;
  /** The current URL, after permanent redirects. */
  #url: URL;
  /** By `http:` and `https:`. */
  readonly #agents = new Map<string, Agent>();

  constructor(options: HttpClientOptions) {
    this.#options = options;
    this.#url = options.url;
  }

  async post(body: Uint8Array, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<HttpAnswer> {
    let url = this.#url;
    let isPermanent = true;
    for (let redirects = 0; ; redirects += 1) {
      const answer = await this.#postTo(url, body, headers, signal);
      const next = redirects < MAX_REDIRECTS && answer.status === 'answered' ? redirection(url, answer) : undefined;
      if (next === undefined) {
        if (isPermanent && answer.status === 'answered') this.#url = url;
        return answer;
      }
      isPermanent &&= next.isPermanent;
      ({ url } = next);
    }
  }

  /** Closes the keep-alive connections. A later request opens new ones. */
  close(): void {
    for (const agent of this.#agents.values()) agent.destroy();
    this.#agents.clear();
  }

  #connection(url: URL): Agent {
    const { tls, maxConnections } = this.#options;
    const agent = this.#agents.get(url.protocol) ?? createAgent(url, tls, maxConnections);
    this.#agents.set(url.protocol, agent);
    return agent;
  }

  /** Destroys the agent, unless it is the application's. */
  #abandon(agent: Agent): void {
    for (const [protocol, own] of this.#agents) {
      if (own !== agent) continue;
      agent.destroy();
      this.#agents.delete(protocol);
    }
  }

  async #postTo(
    url: URL,
    body: Uint8Array,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<HttpAnswer> {
    const first = await this.#postOnce(url, body, headers, signal);
    // The server closed the keep-alive connection while the request was being sent, and has not read it: send it again.
    if (first.status === 'unanswered' && first.reusedSocket && !signal.aborted)
      return this.#postOnce(url, body, headers, signal);
    return first;
  }

  async #postOnce(
    url: URL,
    body: Uint8Array,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<HttpAnswer & { readonly reusedSocket: boolean }> {
    const agent = (await this.#options.agent?.()) ?? this.#connection(url);
    const { untraced } = this.#options;
    const options: RequestOptions = {
      ...requestOptions(url),
      agent,
      method: 'POST',
      signal,
      headers: { ...headers, 'content-length': body.byteLength },
    };
    return new Promise((settle) => {
      let abandoning: NodeJS.Timeout | undefined;
      const onAbort = (): void => {
        abandoning = setTimeout(() => {
          this.#abandon(agent);
          resolve({ status: 'unanswered', error: toError(signal.reason, 'aborted'), reusedSocket: false });
        }, ABORT_MILLIS).unref();
      };
      const resolve = (answer: HttpAnswer & { readonly reusedSocket: boolean }): void => {
        signal.removeEventListener('abort', onAbort);
        clearTimeout(abandoning);
        settle(answer);
      };
      signal.addEventListener('abort', onAbort);
      // `ClientRequest` also does https, depending on the agent. Loaded at the first request, since it would slow down every start.
      // Not `request()`: @opentelemetry/instrumentation-http wraps it, and records durations even if tracing is suppressed.
      const start = (): ClientRequest => {
        const { ClientRequest: Request } = process.getBuiltinModule('node:http');
        return new Request(options);
      };
      const request = untraced === undefined ? start() : untraced(start);
      request.on('response', (response) => {
        const { statusCode: code = 0, headers: responseHeaders } = response;
        readBody(response).then(
          (content) => {
            const body = decoded(content, responseHeaders);
            resolve({ status: 'answered', code, headers: responseHeaders, body, reusedSocket: false });
          },
          (error: unknown) =>
            resolve({ status: 'unanswered', error: toError(error, 'unknown failure'), reusedSocket: false }),
        );
      });
      request.on('error', (error) => resolve({ status: 'unanswered', error, reusedSocket: request.reusedSocket }));
      request.on('socket', (socket) => socket.unref());
      request.end(body);
    });
  }
}

/**
 * Without Accept-Encoding a server may choose any coding (RFC 9110 §12.5.3). A body that does not match its header is returned as it
 * is: the status code is enough.
 */
function decoded(body: Buffer, headers: IncomingHttpHeaders): Buffer {
  if (headers['content-encoding']?.trim().toLowerCase() !== 'gzip') return body;
  try {
    return process.getBuiltinModule('node:zlib').gunzipSync(body, { maxOutputLength: MAX_RESPONSE_BYTES });
  } catch {
    return body;
  }
}

/** With user and password if the URL has them: `urlToHttpOptions()` throws for an invalid percent-encoding in them. */
function requestOptions(url: URL): RequestOptions {
  if (url.username === '' && url.password === '') return urlToHttpOptions(url);
  const bare = new URL(url);
  bare.username = '';
  bare.password = '';
  return { ...urlToHttpOptions(bare), auth: `${decode(url.username)}:${decode(url.password)}` };
}

function decode(text: string): string {
  return text.replaceAll(/(?:%[\da-f]{2})+/gi, (encoded) => {
    try {
      return decodeURIComponent(encoded);
    } catch {
      return encoded;
    }
  });
}

/**
 * The target of a redirect that repeats the request: 307 and 308 (RFC 9110, section 15.4). Only to the same host, and not from
 * TLS to plain text: the request has the user's headers, which may be secret.
 */
function redirection(from: URL, answer: HttpAnswer): { readonly url: URL; readonly isPermanent: boolean } | undefined {
  if (answer.status !== 'answered' || (answer.code !== 307 && answer.code !== 308)) return undefined;
  const url = URL.parse(answer.headers.location ?? '', from.href);
  if (url === null || answer.headers.location === undefined || url.hostname !== from.hostname) return undefined;
  if (url.protocol !== 'https:' && url.protocol !== from.protocol) return undefined;
  url.username = from.username;
  url.password = from.password;
  return { url, isPermanent: answer.code === 308 };
}

async function readBody(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response) {
    if (!Buffer.isBuffer(chunk)) continue;
    bytes += chunk.byteLength;
    if (bytes > MAX_RESPONSE_BYTES) throw new Error(`the response is larger than ${MAX_RESPONSE_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

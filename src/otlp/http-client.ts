import type { Agent, ClientRequest, IncomingHttpHeaders, IncomingMessage, RequestOptions } from 'node:http';
import { urlToHttpOptions } from 'node:url';
import { clearTimeout, setTimeout } from '../clock/clock.ts';
import { toError } from '../values/to-error.ts';
import { createAgent, type TlsFiles } from './create-agent.ts';

/** OTLP 1.11: a client SHOULD read at most 4 MiB of a response. */
const MAX_RESPONSE_BYTES = 4 * 1024 * 1024;

/**
 * Milliseconds that Node has to end an aborted request. It does so at once; but a test of the application that mocks
 * `process.nextTick` has swallowed the steps of a request that was begun then, and neither it nor its connection ever ends.
 */
const ABORT_MILLIS = 100;

export interface HttpClientOptions {
  readonly url: URL;
  readonly tls: TlsFiles;
  /** Parallel connections; they are kept alive between requests. */
  readonly maxConnections: number;
  /** Starts a request with tracing suppressed: an export must become neither a span nor a `http.client.request.duration`. */
  readonly untraced?: <T>(start: () => T) => T;
}

export type HttpAnswer =
  | { readonly status: 'answered'; readonly code: number; readonly headers: IncomingHttpHeaders; readonly body: Buffer }
  | { readonly status: 'unanswered'; readonly error: Error };

/** Posts to one URL over its own connections. Its sockets are unreferenced: a caller that waits must keep the process alive. */
export class HttpClient {
  readonly #options: HttpClientOptions;
  #agent: Agent | undefined;

  constructor(options: HttpClientOptions) {
    this.#options = options;
  }

  async post(body: Uint8Array, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<HttpAnswer> {
    const first = await this.#postOnce(body, headers, signal);
    // The server closed the keep-alive connection while the request was being sent: it has not read it, so send it again.
    if (first.status === 'unanswered' && first.reusedSocket && !signal.aborted)
      return this.#postOnce(body, headers, signal);
    return first;
  }

  /** Closes the keep-alive connections. A later request opens new ones. */
  close(): void {
    this.#agent?.destroy();
    this.#agent = undefined;
  }

  #abandon(agent: Agent): void {
    agent.destroy();
    if (this.#agent === agent) this.#agent = undefined;
  }

  #connection(): Agent {
    const { url, tls, maxConnections } = this.#options;
    this.#agent ??= createAgent(url, tls, maxConnections);
    return this.#agent;
  }

  async #postOnce(
    body: Uint8Array,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<HttpAnswer & { readonly reusedSocket: boolean }> {
    const agent = this.#connection();
    const { url, untraced } = this.#options;
    const options: RequestOptions = {
      // With user and password, where the URL has them.
      ...urlToHttpOptions(url),
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
      // `ClientRequest` does https too: the agent decides. Loaded at the first request: it would slow down every start. Not by
      // `request()`: @opentelemetry/instrumentation-http wraps it, and counts what it sees even where tracing is suppressed.
      const start = (): ClientRequest => {
        const { ClientRequest: Request } = process.getBuiltinModule('node:http');
        return new Request(options);
      };
      const request = untraced === undefined ? start() : untraced(start);
      request.on('response', (response) => {
        const { statusCode: code = 0, headers: responseHeaders } = response;
        readBody(response).then(
          (content) =>
            resolve({ status: 'answered', code, headers: responseHeaders, body: content, reusedSocket: false }),
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

import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { diag } from '@opentelemetry/api';
import type { CollectionResult } from '@opentelemetry/sdk-metrics';
import { type Address, showAddress } from '../config/parse-address.ts';
import { leaveUntraced } from '../otlp/untraced.ts';
import { AllowedHosts } from '../request/allowed-hosts.ts';
import { receivedTarget } from '../request/received-target.ts';
import { debugVars } from './debug-vars.ts';

/** The text format of Prometheus, version 0.0.4. */
const PROMETHEUS_TEXT = 'text/plain; version=0.0.4; charset=utf-8';
const PLAIN_TEXT = 'text/plain; charset=utf-8';
const JSON_TEXT = 'application/json; charset=utf-8';

const MAX_CONNECTIONS = 64;
/** A request here is a few hundred bytes. */
const REQUEST_TIMEOUT_MILLIS = 5000;

/** Of what a client has sent. */
const SHOWN_CHARACTERS = 100;

export interface HttpEndpointOptions {
  readonly address: Address;
  readonly allowedHosts: readonly string[];
  readonly scrape: () => Promise<CollectionResult>;
  readonly report: (line: string) => void;
}

interface Page {
  readonly type: string;
  readonly body: () => string | Promise<string>;
}

/** Serves metrics over HTTP. Neither the server nor its connections keep the process alive. */
export class HttpEndpoint {
  readonly #options: HttpEndpointOptions;
  readonly #server: Server;
  readonly #serializer = new PrometheusSerializer();
  readonly #hosts: AllowedHosts;
  readonly #pages: ReadonlyMap<string, Page>;
  /** The base URL; `undefined` if the server cannot listen, which is reported. */
  readonly listening: Promise<string | undefined>;

  constructor(options: HttpEndpointOptions) {
    this.#options = options;
    this.#hosts = new AllowedHosts(options.allowedHosts);
    this.#pages = new Map<string, Page>([
      [
        '/metrics',
        {
          type: PROMETHEUS_TEXT,
          body: async () => this.#serializer.serialize((await this.#collect()).resourceMetrics),
        },
      ],
      [
        '/debug/vars',
        {
          type: JSON_TEXT,
          body: async () => `${JSON.stringify(debugVars((await this.#collect()).resourceMetrics), undefined, 2)}\n`,
        },
      ],
      ['/healthz', { type: PLAIN_TEXT, body: () => 'ok\n' }],
    ]);
    // Loaded here: it would slow down the start of processes that only write a file.
    this.#server = process.getBuiltinModule('node:http').createServer({
      requestTimeout: REQUEST_TIMEOUT_MILLIS,
      headersTimeout: REQUEST_TIMEOUT_MILLIS,
      connectionsCheckingInterval: REQUEST_TIMEOUT_MILLIS,
    });
    this.#server.maxConnections = MAX_CONNECTIONS;
    leaveUntraced(this.#server);
    this.#server.on('connection', (socket) => socket.unref());
    this.#server.on('request', (request, response) => void this.#serve(request, response));
    this.listening = this.#listen();
  }

  /** Stops listening and ends every connection. */
  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #listen(): Promise<string | undefined> {
    const { address, report } = this.#options;
    return new Promise((resolve) => {
      this.#server.on('error', (error) => {
        const reason = 'code' in error && error.code === 'EADDRINUSE' ? 'the port is in use' : error.message;
        report(`cannot serve self-metrics on ${showAddress(address)}: ${reason}; going on without it`);
        resolve(undefined);
      });
      this.#server.once('listening', () => {
        const bound = this.#server.address();
        const isTcp = bound !== null && typeof bound !== 'string';
        const port = isTcp ? bound.port : address.port;
        this.#hosts.listensOn(address.host, ...(isTcp ? [bound.address] : []));
        resolve(`http://${showAddress({ ...address, port })}`);
      });
      // Exclusive: otherwise the workers of a cluster share the port, and each scrape reaches a different process.
      this.#server.listen({ ...address, exclusive: true });
      this.#server.unref();
    });
  }

  async #collect(): Promise<CollectionResult> {
    const result = await this.#options.scrape();
    for (const error of result.errors) diag.warn('a self-metric could not be collected', error);
    return result;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method } = request;
    const { host, path, problem } = receivedTarget(request);
    const page = this.#pages.get(path);
    if (problem !== undefined) {
      end(response, 400, PLAIN_TEXT, `${problem}\n`);
    } else if (!this.#hosts.allows(host)) {
      end(response, 421, PLAIN_TEXT, misdirected(host));
    } else if (page === undefined) {
      end(response, 404, PLAIN_TEXT, `not found; there are ${[...this.#pages.keys()].join(', ')}\n`);
    } else if (method !== 'GET' && method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD');
      end(response, 405, PLAIN_TEXT, 'method not allowed\n');
    } else {
      try {
        end(response, 200, page.type, await page.body());
      } catch (error) {
        diag.warn('self-metrics could not be collected', error);
        end(response, 500, PLAIN_TEXT, `metrics could not be collected: ${String(error)}\n`);
      }
    }
  }
}

function misdirected(host: string | undefined): string {
  const expected = 'localhost, the address that this endpoint listens on or an allowed host';
  return `host: expected ${expected} (got ${JSON.stringify(host?.slice(0, SHOWN_CHARACTERS))}); allow it by SWANSONG_SELF_METRICS_HTTP_ALLOWED_HOSTS\n`;
}

function end(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) });
  response.end(body);
}

import { diag } from '@opentelemetry/api';
import type { OtlpConfig } from '../config/config.ts';
import type { LastWay } from '../exit/final-export.ts';
import { BackendHealth, type BackendState } from '../outbox/backend-health.ts';
import type { Deliver } from '../outbox/delivery.ts';
import { GrpcClient } from '../otlp/grpc-client.ts';
import { createGrpcDelivery } from '../otlp/grpc-delivery.ts';
import { HttpClient } from '../otlp/http-client.ts';
import { createHttpDelivery, requestHeaders } from '../otlp/http-delivery.ts';
import type { OtlpEncoding } from '../otlp/otlp-encoding.ts';
import { readTlsFiles } from '../otlp/tls-files.ts';
import { untraced } from '../otlp/untraced.ts';
import { findGrpcTarget, type GrpcSignal } from '../otlp/grpc-target.ts';
import { classifyExitAnswer } from '../exit/classify-exit-answer.ts';
import { MAX_IN_FLIGHT } from './export-pipeline.ts';
import { DISTRIBUTION_NAME, VERSION } from '../config/distribution.ts';

const USER_AGENT = `${DISTRIBUTION_NAME}/${VERSION}`;
const WORST_FIRST: readonly BackendState[] = ['failing', 'unknown', 'connected'];

/** How batches get to a backend while the process lives, and how the last ones do. */
export interface Way<T> {
  readonly deliver: Deliver<T>;
  readonly depart: (items: readonly T[]) => LastWay;
}

/** The backends of all signals. Those that share an origin share their health: one backend that is down is one line. */
export class Backends {
  readonly #healths = new Map<string, BackendHealth>();
  readonly #clients: { close(): void }[] = [];

  health(endpoint: string): BackendHealth {
    const { origin } = new URL(endpoint);
    let health = this.#healths.get(origin);
    if (health === undefined) {
      health = new BackendHealth(origin, diag);
      this.#healths.set(origin, health);
    }
    return health;
  }

  /** The way to one signal's endpoint over HTTP: from the running process, and at its end. */
  overHttp<T>(otlp: OtlpConfig, encoding: OtlpEncoding<T>): Way<T> {
    const tls = readTlsFiles(otlp, (message) => diag.warn(message));
    const client = new HttpClient({ url: new URL(otlp.endpoint), tls, maxConnections: MAX_IN_FLIGHT, untraced });
    this.#clients.push(client);
    const { compression } = otlp;
    const headers = requestHeaders(otlp, encoding.contentType, USER_AGENT);
    return {
      deliver: createHttpDelivery({ encoding, client, compression, headers }),
      depart: (items) => ({
        kind: 'request',
        request: {
          protocol: 'http',
          url: otlp.endpoint,
          headers,
          gzip: compression === 'gzip',
          ...tls,
          body: encoding.serialize(items),
        },
        judge: (answer) => classifyExitAnswer(answer, encoding),
      }),
    };
  }

  /**
   * The same over gRPC.
   * @throws Error that names the package to install
   */
  overGrpc<T>(signal: GrpcSignal, otlp: OtlpConfig, protobuf: OtlpEncoding<T>): Way<T> {
    const target = findGrpcTarget(signal, otlp);
    const client = new GrpcClient(target, USER_AGENT);
    this.#clients.push(client);
    return {
      deliver: createGrpcDelivery({ encoding: protobuf, client, untraced }),
      depart: (items) => ({
        kind: 'request',
        request: { protocol: 'grpc', ...target, body: protobuf.serialize(items) },
        judge: (answer) => classifyExitAnswer(answer, protobuf),
      }),
    };
  }

  /** Ends the connections. What is delivered later opens new ones. */
  close(): void {
    for (const client of this.#clients) client.close();
  }

  get state(): BackendState {
    const states = [...this.#healths.values()].map(({ state }) => state);
    return WORST_FIRST.find((state) => states.includes(state)) ?? 'unknown';
  }

  get lastError(): Error | undefined {
    return [...this.#healths.values()].find(({ lastError }) => lastError !== undefined)?.lastError;
  }
}

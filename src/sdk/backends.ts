import { diag } from '@opentelemetry/api';
import type { OtlpConfig } from '../config/config.ts';
import { BackendHealth, type BackendState } from '../outbox/backend-health.ts';
import type { Deliver } from '../outbox/delivery.ts';
import { HttpClient } from '../otlp/http-client.ts';
import { createOtlpDelivery } from '../otlp/otlp-delivery.ts';
import type { OtlpEncoding } from '../otlp/otlp-encoding.ts';
import { readTlsFiles } from '../otlp/tls-files.ts';
import { MAX_IN_FLIGHT } from './signal-outboxes.ts';
import { DISTRIBUTION_NAME, VERSION } from './version.ts';

const USER_AGENT = `${DISTRIBUTION_NAME}/${VERSION}`;
const WORST_FIRST: readonly BackendState[] = ['failing', 'unknown', 'connected'];

/** The backends of all signals. Those that share an origin share their health: one backend that is down is one line. */
export class Backends {
  readonly #healths = new Map<string, BackendHealth>();
  readonly #clients: HttpClient[] = [];

  health(endpoint: string): BackendHealth {
    const { origin } = new URL(endpoint);
    let health = this.#healths.get(origin);
    if (health === undefined) {
      health = new BackendHealth(origin, diag);
      this.#healths.set(origin, health);
    }
    return health;
  }

  deliverOverHttp<T>(otlp: OtlpConfig, encoding: OtlpEncoding<T>): Deliver<T> {
    const client = new HttpClient({
      url: new URL(otlp.endpoint),
      tls: readTlsFiles(otlp, (message) => diag.warn(message)),
      maxConnections: MAX_IN_FLIGHT,
    });
    this.#clients.push(client);
    return createOtlpDelivery({
      encoding,
      client,
      compression: otlp.compression,
      headers: otlp.headers,
      userAgent: USER_AGENT,
    });
  }

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

import { diag } from '@opentelemetry/api';
import { BackendHealth, type BackendState } from '../../outbox/backend-health.ts';

const WORST_FIRST: readonly BackendState[] = ['failing', 'unknown', 'connected'];

/** The connections of all signals. Those that share an origin share their health: one backend that is down is one line. */
export class Connections {
  readonly #healths = new Map<string, BackendHealth>();
  readonly #clients: { close(): void }[] = [];

  health(endpoint: string): BackendHealth {
    return this.healthOf(new URL(endpoint).origin);
  }

  /** Of what has no URL that we know: an exporter that does its own sending. */
  healthOf(name: string): BackendHealth {
    let health = this.#healths.get(name);
    if (health === undefined) {
      health = new BackendHealth(name, diag);
      this.#healths.set(name, health);
    }
    return health;
  }

  /** Has `close()` end the connections of `client`, too. */
  add(client: { close(): void }): void {
    this.#clients.push(client);
  }

  /** Ends the connections. What is delivered later opens new ones. */
  close(): void {
    for (const client of this.#clients) client.close();
  }

  get state(): BackendState {
    const states = [...this.#healths.values()].map(({ state }) => state);
    return WORST_FIRST.find((state) => states.includes(state)) ?? 'unknown';
  }

  /** Why nothing can be delivered now, if so. */
  get failure(): Error | undefined {
    return [...this.#healths.values()].find(({ failure }) => failure !== undefined)?.failure;
  }

  get lastError(): Error | undefined {
    return [...this.#healths.values()].find(({ lastError }) => lastError !== undefined)?.lastError;
  }
}

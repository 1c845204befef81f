import { diag } from '@opentelemetry/api';
import { BackendHealth, type BackendState } from '../../outbox/backend-health.ts';

const WORST_FIRST: readonly BackendState[] = ['failing', 'unknown', 'connected'];

/** The connections of all signals. Those to one origin share their health: if the backend is down, one line reports it. */
export class Connections {
  readonly #healths = new Map<string, BackendHealth>();
  readonly #clients: { close(): void }[] = [];

  health(endpoint: string): BackendHealth {
    return this.healthOf(new URL(endpoint).origin);
  }

  /** For an exporter that itself sends, whose URL is unknown. */
  healthOf(name: string): BackendHealth {
    let health = this.#healths.get(name);
    if (health === undefined) {
      health = new BackendHealth(name, diag);
      this.#healths.set(name, health);
    }
    return health;
  }

  /** Makes `close()` also close the connections of `client`. */
  add(client: { close(): void }): void {
    this.#clients.push(client);
  }

  /** Closes the connections. A later delivery opens new ones. */
  close(): void {
    for (const client of this.#clients) client.close();
  }

  get state(): BackendState {
    const states = [...this.#healths.values()].map(({ state }) => state);
    return WORST_FIRST.find((state) => states.includes(state)) ?? 'unknown';
  }

  /** The reason if currently nothing can be delivered. */
  get failure(): Error | undefined {
    return [...this.#healths.values()].find(({ failure }) => failure !== undefined)?.failure;
  }

  get lastError(): Error | undefined {
    return [...this.#healths.values()].find(({ lastError }) => lastError !== undefined)?.lastError;
  }
}

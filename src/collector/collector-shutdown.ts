import type { Server } from 'node:http';
import { Deadline } from '../deadline/deadline.ts';
import type { GracefulShutdownReport } from '../shutdown/graceful-report.ts';
import { type FlushableTelemetry, GracefulShutdown } from '../shutdown/graceful-shutdown.ts';
import { reportNothing } from '../shutdown/flush-report.ts';
import type { JsonlStorage } from './jsonl-storage.ts';

const NO_TELEMETRY: FlushableTelemetry = {
  stopping: () => {},
  flush: () => Promise.resolve(reportNothing()),
  shutdown: () => Promise.resolve(reportNothing()),
};

/** Shuts a collector down in the order of `gracefulShutdown()`: the server, then the files, its self-metrics last. */
export class CollectorShutdown {
  readonly #server: Server;
  readonly #storage: JsonlStorage;
  readonly #timeoutMillis: number;
  #running: Promise<GracefulShutdownReport> | undefined;

  constructor(server: Server, storage: JsonlStorage, timeoutMillis: number) {
    this.#server = server;
    this.#storage = storage;
    this.#timeoutMillis = timeoutMillis;
  }

  get hasBegun(): boolean {
    return this.#running !== undefined;
  }

  run(telemetry: FlushableTelemetry = NO_TELEMETRY): Promise<GracefulShutdownReport> {
    this.#running ??= new GracefulShutdown(telemetry).run({
      servers: [this.#server],
      timeoutMillis: this.#timeoutMillis,
      // A little less than the time left, so that its own error is reported and not a timeout of the step.
      close: [({ remainingMillis }) => this.#storage.close(Deadline.after(0.9 * remainingMillis))],
    });
    return this.#running;
  }
}

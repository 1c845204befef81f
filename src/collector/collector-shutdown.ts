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

/** The end of a collector is that of any application: its servers, then what it writes to, and what watches it last. */
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
      // A little before the time it has, so that its own error tells what was left.
      close: [({ remainingMillis }) => this.#storage.close(Deadline.after(0.9 * remainingMillis))],
    });
    return this.#running;
  }
}

import type { AddressInfo } from 'node:net';
import { AllowedHosts } from '../request/allowed-hosts.ts';
import type { FlushableTelemetry } from '../shutdown/graceful-shutdown.ts';
import type { CollectorMetrics } from '../self-metrics/collector-metrics.ts';
import { REASONS_OF_SIGNAL } from '../self-metrics/invalid-reason.ts';
import { errorCode, messageOf } from '../values/thrown.ts';
import { Access } from './access.ts';
import { BodyBudget } from './body/body-budget.ts';
import { encodings } from './codec/otlp-codec.ts';
import { type CollectorOptions, type ResolvedOptions, resolveOptions } from './collector-options.ts';
import { CollectorShutdown } from './collector-shutdown.ts';
import { authority, HttpListener, isLoopback } from './http-listener.ts';
import { type JsonlStorage, openJsonlStorage } from './jsonl-storage.ts';
import { type Counts, type Health, OtlpReceiver } from './otlp-receiver.ts';
import { signals } from './signals.ts';

export type { FlushableTelemetry };

/** A running collector. */
export interface Collector {
  /** What to set OTEL_EXPORTER_OTLP_ENDPOINT to, for example `http://127.0.0.1:4318`. */
  readonly url: string;
  readonly port: number;
  /** Absolute path of the folder that holds traces.jsonl, metrics.jsonl and logs.jsonl. */
  readonly directory: string;
  /** What was accepted and refused since the start, for each signal. */
  counts(): Counts;
  /** What `/healthz` answers: not ok while the last write to a file failed or hangs, and while the collector is closing. */
  health(): Health;
  /**
   * Stops accepting connections, answers the requests in flight, writes what is waiting and closes the files, as
   * `gracefulShutdown()` does, within `closeTimeoutMillis`. Never rejects. Later calls get the promise of the first.
   * @param telemetry the self-metrics of this collector: flushed after the last request was answered, shut down last
   */
  close(telemetry?: FlushableTelemetry): ReturnType<CollectorShutdown['run']>;
}

/** The collector could not start: the port is taken, or the directory cannot be written to. `cause` is the system's error. */
export class CollectorStartError extends Error {
  override readonly name = 'CollectorStartError';
}

/**
 * Starts an OTLP/HTTP backend that appends what it accepts to files of JSON lines, in the OTLP file format.
 * A request is answered 200 once the operating system has accepted its lines; see the option `fsync`.
 * @throws RangeError for an option that is out of range, TypeError for one that does not exist, CollectorStartError
 */
export async function startCollector(options: CollectorOptions = {}): Promise<Collector> {
  const resolved = resolveOptions(options);
  const { directory, host, report } = resolved;
  const storage = await openStorage(resolved);
  const health = (): Health => {
    const problems = [...(shutdown.hasBegun ? ['it is shutting down'] : []), ...storage.problems()];
    return { ok: problems.length === 0, problems };
  };
  const stopObserving = signals.map((signal) =>
    resolved.metrics?.observeWaiting(() => storage.waitingBytes(signal), { signal: signal.name }),
  );
  const hosts = new AllowedHosts(resolved.allowedHosts);
  const receiver = new OtlpReceiver({
    signals,
    storage,
    budget: new BodyBudget(resolved.maxBufferedBytes),
    limits: { maxBytes: resolved.maxBodyBytes, timeoutMillis: resolved.bodyTimeoutMillis },
    access: new Access(resolved),
    hosts,
    metrics: resolved.metrics,
    about: aboutText(),
    health,
    report,
  });
  const listener = new HttpListener(resolved, (request, response) => receiver.handle(request, response));
  const shutdown = new CollectorShutdown(listener.server, storage, resolved.closeTimeoutMillis);
  let closing: ReturnType<Collector['close']> | undefined;
  const unobserve = (): void => {
    for (const stop of stopObserving) stop?.();
  };
  const { port, address } = await listen(listener, resolved, shutdown).catch((error: unknown) => {
    unobserve();
    throw error;
  });
  // Before the first connection: those are accepted in a later turn of the event loop.
  hosts.listensOn(host, address);
  if (!isLoopback(host)) {
    const danger = resolved.token === undefined ? 'can send and fill the disk' : 'can guess its token';
    report(`listening on ${authority(host, port)}: anyone who can reach this address ${danger}; nothing is encrypted`);
  }
  beginAtZero(resolved.metrics);
  return {
    url: `http://${authority(host, port)}`,
    port,
    directory,
    counts: () => receiver.counts(),
    health,
    close: (telemetry) => (closing ??= shutdown.run(telemetry).finally(unobserve)),
  };
}

/** The counters begin at 0 with all that they can have here: a backend that first sees a 1 does not know that it was an increase. */
function beginAtZero(metrics: CollectorMetrics | undefined): void {
  for (const { name: signal } of signals) {
    for (const encoding of encodings) {
      metrics?.received(0, { signal, encoding });
      for (const reason of REASONS_OF_SIGNAL[signal]) metrics?.invalid(0, { signal, encoding, 'error.type': reason });
    }
  }
}

async function openStorage({ metrics, ...options }: ResolvedOptions): Promise<JsonlStorage> {
  try {
    return await openJsonlStorage(
      {
        directory: options.directory,
        fsync: options.fsync,
        rotateBytes: options.rotateBytes,
        rotateMillis: options.rotateMillis,
        maxTotalBytes: options.maxTotalBytes,
        report: options.report,
        onWrite: (signal, { millis, error }) =>
          metrics?.recordWrite(millis, { signal, ...(error && { 'error.type': errorCode(error) ?? error.name }) }),
      },
      signals,
    );
  } catch (cause) {
    throw new CollectorStartError(`cannot write to ${options.directory} (${messageOf(cause)})`, { cause });
  }
}

async function listen(
  listener: HttpListener,
  { host, port }: ResolvedOptions,
  shutdown: CollectorShutdown,
): Promise<AddressInfo> {
  try {
    return await listener.listen(host, port);
  } catch (cause) {
    await shutdown.run();
    const reason = errorCode(cause) === 'EADDRINUSE' ? 'the port is in use' : messageOf(cause);
    throw new CollectorStartError(`cannot listen on ${authority(host, port)} (${reason})`, { cause });
  }
}

function aboutText(): string {
  const rows = signals.map(({ path, file }) => `  POST ${path.padEnd(12)} → ${file}\n`).join('');
  return `swansong collector: an embedded OpenTelemetry backend\n\nOTLP/HTTP, application/x-protobuf or application/json, gzip allowed:\n${rows}  GET  /healthz\n`;
}

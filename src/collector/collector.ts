import { BodyBudget } from './body-budget.ts';
import { type CollectorOptions, resolveOptions } from './collector-options.ts';
import { HttpListener } from './http-listener.ts';
import { type JsonlStorage, openJsonlStorage } from './jsonl-storage.ts';
import { type Counts, OtlpReceiver, type SignalCounts } from './otlp-receiver.ts';
import { type SignalName, signals } from './signals.ts';

export type { CollectorOptions, Counts, SignalCounts, SignalName };

/** A running collector. */
export interface Collector {
  /** What to set OTEL_EXPORTER_OTLP_ENDPOINT to, for example `http://127.0.0.1:4318`. */
  readonly url: string;
  readonly port: number;
  /** Absolute path of the folder that holds traces.jsonl, metrics.jsonl and logs.jsonl. */
  readonly directory: string;
  /** What has been accepted and refused since the start, for each signal. */
  counts(): Counts;
  /**
   * Stops accepting, answers what is in flight, writes what is waiting, closes the files. Takes at most
   * `closeTimeoutMillis`, and then as long as a write to the disk does. Later calls return the promise of the first.
   */
  close(): Promise<void>;
}

/** The collector could not start: the port is taken, or the directory cannot be written to. `cause` is the system's error. */
export class CollectorStartError extends Error {
  override readonly name = 'CollectorStartError';
}

/**
 * Starts an OTLP/HTTP backend that appends what it accepts to files of JSON lines, in the OTLP file format.
 * A request is answered 200 once the operating system has taken its line.
 * @throws RangeError for an option that is out of range, CollectorStartError
 */
export async function startCollector(options: CollectorOptions = {}): Promise<Collector> {
  const resolved = resolveOptions(options);
  const { directory, host, report } = resolved;
  const storage = await openStorage(directory, report);
  const receiver = new OtlpReceiver({
    signals,
    storage,
    budget: new BodyBudget(resolved.maxBufferedBytes),
    limits: { maxBytes: resolved.maxBodyBytes, timeoutMillis: resolved.bodyTimeoutMillis },
    about: aboutText(),
    report,
  });
  const listener = new HttpListener(resolved, (request, response) => receiver.handle(request, response));
  const port = await listen(listener, host, resolved.port, storage);

  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    await listener.close(resolved.closeTimeoutMillis);
    await storage.close();
  };
  return {
    url: `http://${authority(host, port)}`,
    port,
    directory,
    counts: () => receiver.counts(),
    close: () => (closing ??= close()),
  };
}

async function openStorage(directory: string, report: (line: string) => void): Promise<JsonlStorage> {
  try {
    return await openJsonlStorage(directory, signals, report);
  } catch (cause) {
    throw new CollectorStartError(`cannot write to ${directory} (${messageOf(cause)})`, { cause });
  }
}

async function listen(listener: HttpListener, host: string, port: number, storage: JsonlStorage): Promise<number> {
  try {
    return (await listener.listen(host, port)).port;
  } catch (cause) {
    await storage.close();
    const reason =
      cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE'
        ? 'the port is in use'
        : messageOf(cause);
    throw new CollectorStartError(`cannot listen on ${authority(host, port)} (${reason})`, { cause });
  }
}

function authority(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function aboutText(): string {
  const rows = signals.map(({ path, file }) => `  POST ${path.padEnd(12)} → ${file}\n`).join('');
  return `swansong collector: an embedded OpenTelemetry backend\n\nOTLP/HTTP, application/x-protobuf or application/json, gzip allowed:\n${rows}`;
}

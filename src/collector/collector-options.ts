import { resolve } from 'node:path';

/** What `startCollector` takes; every option has a default. */
export interface CollectorOptions {
  /** Port to listen on, 0 to 65535; 0 takes a free one. Default 4318, the port of OTLP/HTTP. */
  readonly port?: number;
  /** Address to listen on. Default `127.0.0.1`; there is no authentication, so think before you choose another. */
  readonly host?: string;
  /** Folder for traces.jsonl, metrics.jsonl and logs.jsonl; created if missing. Default `./telemetry`. */
  readonly directory?: string;
  /** Bytes a request body may hold, before and after decompression, 1 to 268435456. Default 67108864 (64 MiB, as OTLP advises). */
  readonly maxBodyBytes?: number;
  /**
   * Bytes that all requests together may hold until they are answered; more are answered 503 with Retry-After.
   * At least, and by default, twice `maxBodyBytes`: a body and what it is turned into.
   */
  readonly maxBufferedBytes?: number;
  /** Connections at a time; more are closed at once. Default 1000. */
  readonly maxConnections?: number;
  /** Milliseconds a client may take to send the headers of a request. Default 10000. */
  readonly headersTimeoutMillis?: number;
  /** Milliseconds a client may take to send a body, after its headers. Default 30000; then 408. */
  readonly bodyTimeoutMillis?: number;
  /** Milliseconds `close()` waits for requests in flight. Default 10000; then their connections are cut, unanswered. */
  readonly closeTimeoutMillis?: number;
  /** Gets one line when storage starts to fail and one when it recovers. Default: nobody is told. */
  readonly report?: (line: string) => void;
}

export type ResolvedOptions = Required<CollectorOptions>;

const MIB = 1024 * 1024;
/** A longer text may not fit into one JavaScript string (2^29 characters) once it is written as JSON. */
const LARGEST_BODY = 256 * MIB;
/** The longest a timer of Node can wait. */
const LONGEST_MILLIS = 2 ** 31 - 1;

/** @throws RangeError naming the option, the value and what was expected */
export function resolveOptions(options: CollectorOptions): ResolvedOptions {
  const maxBodyBytes = integer('maxBodyBytes', options.maxBodyBytes ?? 64 * MIB, 1, LARGEST_BODY);
  const millis = (
    name: 'headersTimeoutMillis' | 'bodyTimeoutMillis' | 'closeTimeoutMillis',
    byDefault: number,
  ): number => integer(name, options[name] ?? byDefault, 1, LONGEST_MILLIS);
  return {
    port: integer('port', options.port ?? 4318, 0, 65_535),
    host: options.host ?? '127.0.0.1',
    directory: resolve(options.directory ?? 'telemetry'),
    maxBodyBytes,
    maxBufferedBytes: integer(
      'maxBufferedBytes',
      options.maxBufferedBytes ?? 2 * maxBodyBytes,
      2 * maxBodyBytes,
      Number.MAX_SAFE_INTEGER,
    ),
    maxConnections: integer('maxConnections', options.maxConnections ?? 1000, 1, 2 ** 31 - 1),
    headersTimeoutMillis: millis('headersTimeoutMillis', 10_000),
    bodyTimeoutMillis: millis('bodyTimeoutMillis', 30_000),
    closeTimeoutMillis: millis('closeTimeoutMillis', 10_000),
    report: options.report ?? (() => {}),
  };
}

function integer(name: string, value: number, min: number, max: number): number {
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new RangeError(`${name}: expected an integer from ${min} to ${max} (got ${value})`);
}

import { resolve } from 'node:path';
import { LONGEST_TIMER_MILLIS } from '../clock/longest-timer.ts';
import type { Fsync } from '../jsonl/jsonl-options.ts';
import { HOST_PATTERN, isHostPattern } from '../request/allowed-hosts.ts';
import type { CollectorMetrics } from '../self-metrics/collector-metrics.ts';
import { isObject } from '../values/is-object.ts';
import { unknownKey } from '../values/unknown-key.ts';

/** What `startCollector` takes; every option has a default. */
export interface CollectorOptions {
  /** Port to listen on, 0 to 65535; 0 takes a free one. Default 4318, the port of OTLP/HTTP. */
  readonly port?: number;
  /** Address to listen on. Default `127.0.0.1`. Anyone who can reach another address may send, unless `token` is set. */
  readonly host?: string;
  /** Folder for traces.jsonl, metrics.jsonl and logs.jsonl; created if missing. Default `./telemetry`. */
  readonly directory?: string;
  /**
   * When a line must be on the disk: `never` leaves it to the operating system, `interval` syncs once a second, `always` syncs
   * before the request is answered. What was answered 200 survives the end of the process with each of them. Default `interval`.
   */
  readonly fsync?: Fsync;
  /** Bytes a file may hold before a new one is begun; 1 or more, `Infinity` for no limit. Default 134217728 (128 MiB). */
  readonly rotateBytes?: number;
  /** Milliseconds from the creation of a file after which a new one is begun; 1 or more. Default: no rotation by age. */
  readonly rotateMillis?: number;
  /**
   * Bytes all files may hold together, a third for each signal; the oldest are removed. `Infinity` for no limit.
   * Default 2147483648 (2 GiB).
   */
  readonly maxTotalBytes?: number;
  /** Bytes a request body may hold, before and after decompression, 1 to 268435456. Default 67108864 (64 MiB, as OTLP advises). */
  readonly maxBodyBytes?: number;
  /**
   * Bytes that all requests together may hold in memory until they are answered; further requests are answered 429 with
   * Retry-After. At least `maxBodyBytes`. Default: `maxBodyBytes` plus 16 MiB.
   */
  readonly maxBufferedBytes?: number;
  /** Connections at a time; further ones are closed at once. Default 1000. */
  readonly maxConnections?: number;
  /** Milliseconds a client may take to send the headers of a request. Default 10000. */
  readonly headersTimeoutMillis?: number;
  /** Milliseconds a client may take to send a body, after its headers. Default 30000; then 408. */
  readonly bodyTimeoutMillis?: number;
  /** Milliseconds `close()` may take. Default 10000; connections that are still open then are closed without an answer. */
  readonly closeTimeoutMillis?: number;
  /** Requests must carry it as `Authorization: Bearer …`; others are answered 401. Default: no token is required. */
  readonly token?: string;
  /** Origins whose pages may send from a browser, such as `https://app.example`; `*` for all. Default: none. */
  readonly corsOrigins?: readonly string[];
  /**
   * Host names that requests may be for, beside loopback names and the address it listens on: `collector.example`, `.example` for all
   * names below it, `*` for all. Requests for others are answered 421. A collector that listens on every address (`0.0.0.0`, `::`)
   * also takes IP addresses, names without a dot, and those below `local`, `internal`, `home.arpa` and `svc`. Default: none.
   */
  readonly allowedHosts?: readonly string[];
  /** Counts received items and measures writes: see `createCollectorMetrics()`. Default: nothing is counted. */
  readonly metrics?: CollectorMetrics;
  /** Receives one line for each problem, such as storage that starts to fail, and one when it recovers. Default: lines are dropped. */
  readonly report?: (line: string) => void;
}

const NAMES: Readonly<Record<keyof CollectorOptions, true>> = {
  port: true,
  host: true,
  directory: true,
  fsync: true,
  rotateBytes: true,
  rotateMillis: true,
  maxTotalBytes: true,
  maxBodyBytes: true,
  maxBufferedBytes: true,
  maxConnections: true,
  headersTimeoutMillis: true,
  bodyTimeoutMillis: true,
  closeTimeoutMillis: true,
  token: true,
  corsOrigins: true,
  allowedHosts: true,
  metrics: true,
  report: true,
};

type Optional = 'token' | 'metrics';

export type ResolvedOptions = Required<Omit<CollectorOptions, Optional>> & {
  readonly token: string | undefined;
  readonly metrics: CollectorMetrics | undefined;
};

const MIB = 1024 * 1024;
/** A larger request is no use case, and it would need several times its size in memory. */
export const LARGEST_BODY: number = 256 * MIB;
export const FSYNC: readonly Fsync[] = ['never', 'interval', 'always'];

/**
 * @throws RangeError naming the option, the value and what was expected
 * @throws TypeError naming an option that does not exist
 */
export function resolveOptions(options: CollectorOptions): ResolvedOptions {
  if (!isObject(options)) throw new TypeError(`options: expected an object (got ${String(options)})`);
  const unknown = unknownKey(options, NAMES);
  if (unknown !== undefined)
    throw new TypeError(`${unknown}: expected one of the options ${Object.keys(NAMES).join(', ')}`);
  const maxBodyBytes = integer('maxBodyBytes', options.maxBodyBytes ?? 64 * MIB, 1, LARGEST_BODY);
  const millis = (
    name: 'headersTimeoutMillis' | 'bodyTimeoutMillis' | 'closeTimeoutMillis',
    byDefault: number,
  ): number => integer(name, options[name] ?? byDefault, 1, LONGEST_TIMER_MILLIS);
  return {
    port: integer('port', options.port ?? 4318, 0, 65_535),
    host: options.host ?? '127.0.0.1',
    directory: resolve(options.directory ?? 'telemetry'),
    fsync: oneOf('fsync', options.fsync ?? 'interval', FSYNC),
    rotateBytes: orInfinity('rotateBytes', options.rotateBytes ?? 128 * MIB),
    rotateMillis: orInfinity('rotateMillis', options.rotateMillis ?? Infinity),
    maxTotalBytes: orInfinity('maxTotalBytes', options.maxTotalBytes ?? 2048 * MIB),
    maxBodyBytes,
    maxBufferedBytes: integer(
      'maxBufferedBytes',
      options.maxBufferedBytes ?? maxBodyBytes + 16 * MIB,
      maxBodyBytes,
      Number.MAX_SAFE_INTEGER,
    ),
    maxConnections: integer('maxConnections', options.maxConnections ?? 1000, 1, 2 ** 31 - 1),
    headersTimeoutMillis: millis('headersTimeoutMillis', 10_000),
    bodyTimeoutMillis: millis('bodyTimeoutMillis', 30_000),
    closeTimeoutMillis: millis('closeTimeoutMillis', 10_000),
    token: checkedToken(options.token),
    corsOrigins: options.corsOrigins ?? [],
    allowedHosts: checkedHosts(options.allowedHosts ?? []),
    metrics: options.metrics,
    report: options.report ?? (() => {}),
  };
}

function integer(name: string, value: number, min: number, max: number): number {
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new RangeError(`${name}: expected an integer from ${min} to ${max} (got ${value})`);
}

/** `Infinity` stands for no limit. */
function orInfinity(name: string, value: number): number {
  return value === Infinity ? value : integer(name, value, 1, Number.MAX_SAFE_INTEGER);
}

function oneOf<Value extends string>(name: string, value: Value, values: readonly Value[]): Value {
  if (values.includes(value)) return value;
  throw new RangeError(`${name}: expected one of ${values.join(', ')} (got ${JSON.stringify(value)})`);
}

/** Why a text cannot be a token: an empty one would protect nothing. The message does not contain the token. */
export function tokenProblem(token: string): string | undefined {
  if (/^\S+$/.test(token)) return undefined;
  return `expected a text without spaces (got ${token === '' ? 'an empty one' : 'one with spaces'})`;
}

function checkedHosts(hosts: readonly string[]): readonly string[] {
  for (const host of hosts) {
    if (isHostPattern(host)) continue;
    throw new RangeError(`allowedHosts: expected ${HOST_PATTERN} (got ${JSON.stringify(host)})`);
  }
  return hosts;
}

function checkedToken(token: string | undefined): string | undefined {
  const problem = token === undefined ? undefined : tokenProblem(token);
  if (problem !== undefined) throw new RangeError(`token: ${problem}`);
  return token;
}

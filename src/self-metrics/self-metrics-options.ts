import { resolve } from 'node:path';
import { inspect } from 'node:util';
import type { Attributes } from '@opentelemetry/api';
import { LONGEST_TIMER_MILLIS } from '../clock/longest-timer.ts';
import type { OtlpConfig, SelfMetricsConfig } from '../config/config.ts';
import { type Address, parseAddress, toAddress } from '../config/parse-address.ts';
import { parseCollectorUrl } from '../config/parse-url.ts';
import type { Parsed } from '../config/parse.ts';
import { HOST_PATTERN, isHostPattern } from '../request/allowed-hosts.ts';
import type { MetricsFileOptions } from './metrics-file.ts';
import { isObject } from '../values/is-object.ts';
import { unknownKey } from '../values/unknown-key.ts';

export interface SelfMetricsFile {
  readonly path: string;
  /** Bytes at which the file is rotated. Default SWANSONG_SELF_METRICS_FILE_MAX_SIZE, 10 MiB. */
  readonly maxBytes?: number;
  /** Maximum bytes of the file and the rotated ones together. Default SWANSONG_SELF_METRICS_FILE_MAX_TOTAL_SIZE, 50 MiB. */
  readonly maxTotalBytes?: number;
}

export interface SelfMetricsOtlp {
  /** Base URL of the collector; `v1/metrics` is appended. */
  readonly endpoint: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Default `http/protobuf`. */
  readonly protocol?: 'http/protobuf' | 'http/json';
  /** Default `none`. */
  readonly compression?: 'gzip' | 'none';
  /** Milliseconds one request may take. Default 10 000. */
  readonly timeoutMillis?: number;
  /** PEM file of the certificate authority to trust. */
  readonly certificate?: string;
  /** PEM files of the client's key and certificate (mTLS). */
  readonly clientKey?: string;
  readonly clientCertificate?: string;
}

/** If `file`, `http` and `otlp` are all absent, the exporters are those of the variables SWANSONG_SELF_METRICS_*. */
export interface SelfMetricsOptions {
  /** A path, or an object with more options: one line of OTLP JSON per interval is appended to that file. */
  readonly file?: string | SelfMetricsFile;
  /** A port of 127.0.0.1 or `host:port`, 0 for a free port. Serves `/metrics`, `/debug/vars` and `/healthz`. */
  readonly http?: number | string;
  /**
   * Host names that requests to `http` may be for, beside loopback names and the address itself: `app.example`, `.example` for all
   * names below it, `*` for all. Others are answered 421; by that a web page cannot read the metrics through a name of its own that
   * leads here. An endpoint on every address (`0.0.0.0`) also takes IP addresses, names without a dot, and those below `local`,
   * `internal`, `home.arpa` and `svc`. Default SWANSONG_SELF_METRICS_HTTP_ALLOWED_HOSTS, none.
   */
  readonly httpAllowedHosts?: readonly string[];
  /** Base URL of another collector, or an object with more options. */
  readonly otlp?: string | SelfMetricsOtlp;
  /** Milliseconds between two collections for file and OTLP. Default SWANSONG_SELF_METRICS_INTERVAL, 60 000. */
  readonly intervalMillis?: number;
  /** Resource attributes; they override those of the application's resource (`service.name`, …). */
  readonly resource?: Attributes;
  /** Receives the messages. Default: stderr, unless OTEL_LOG_LEVEL is `none` or `error`. */
  readonly report?: (line: string) => void;
}

/** The validated options. */
export interface SelfMetricsPlan {
  readonly file: MetricsFileOptions | undefined;
  readonly http: Address | undefined;
  readonly httpAllowedHosts: readonly string[];
  readonly otlp: OtlpConfig | undefined;
  readonly intervalMillis: number;
  readonly resource: Attributes;
}

const NAMES: Readonly<Record<keyof SelfMetricsOptions, true>> = {
  file: true,
  http: true,
  httpAllowedHosts: true,
  otlp: true,
  intervalMillis: true,
  resource: true,
  report: true,
};
const FILE_NAMES: Readonly<Record<keyof SelfMetricsFile, true>> = { path: true, maxBytes: true, maxTotalBytes: true };
const OTLP_NAMES: Readonly<Record<keyof SelfMetricsOtlp, true>> = {
  endpoint: true,
  headers: true,
  protocol: true,
  compression: true,
  timeoutMillis: true,
  certificate: true,
  clientKey: true,
  clientCertificate: true,
};

const OTLP_TIMEOUT_MILLIS = 10_000;

export function hasExporter({ file, http, otlp }: Pick<SelfMetricsOptions, 'file' | 'http' | 'otlp'>): boolean {
  return file !== undefined || http !== undefined || otlp !== undefined;
}

/**
 * Checks the options and adds the defaults, which come from the variables.
 * @throws TypeError that names the value and what was expected
 */
export function toPlan(options: SelfMetricsOptions, config: SelfMetricsConfig): SelfMetricsPlan {
  if (!isObject(options)) refuse('options', 'an object', options);
  refuseUnknown('', options, NAMES);
  const { resource = {}, intervalMillis = config.intervalMillis, report } = options;
  if (!isObject(resource)) refuse('resource', 'an object of attributes', resource);
  if (report !== undefined && typeof report !== 'function') refuse('report', 'a function', report);
  integer('intervalMillis', intervalMillis, LONGEST_TIMER_MILLIS);
  const given = hasExporter(options) ? options : fromVariables(config);
  return {
    file: given.file === undefined ? undefined : toFile(given.file, config),
    http: given.http === undefined ? undefined : toHttp(given.http),
    httpAllowedHosts: toHosts(options.httpAllowedHosts ?? config.httpAllowedHosts),
    otlp: given.otlp === undefined ? undefined : toOtlp(given.otlp),
    intervalMillis,
    resource,
  };
}

function fromVariables({ file, http, otlpEndpoint, otlpHeaders }: SelfMetricsConfig): SelfMetricsOptions {
  return {
    ...(file === undefined ? {} : { file }),
    ...(http === undefined ? {} : { http }),
    ...(otlpEndpoint === undefined ? {} : { otlp: { endpoint: otlpEndpoint, headers: otlpHeaders } }),
  };
}

function toFile(file: string | SelfMetricsFile, config: SelfMetricsConfig): MetricsFileOptions {
  if (typeof file !== 'string' && !isObject(file)) refuse('file', 'a path or an object with a path', file);
  const given: SelfMetricsFile = typeof file === 'string' ? { path: file } : file;
  refuseUnknown('file.', given, FILE_NAMES);
  const { path, maxBytes = config.fileMaxBytes, maxTotalBytes = config.fileMaxTotalBytes } = given;
  if (typeof path !== 'string' || path === '' || path.includes('\0')) refuse('file', 'the path of a file', path);
  integer('file.maxBytes', maxBytes);
  integer('file.maxTotalBytes', maxTotalBytes);
  // Resolved now: a later `process.chdir()` of the application must not move the file.
  return { path: resolve(path), maxBytes, maxTotalBytes };
}

function toHttp(http: number | string): Address {
  if (typeof http !== 'number' && typeof http !== 'string') refuse('http', 'a port or "host:port"', http);
  return toAddress(usable('http', parseAddress(String(http))));
}

function toHosts(hosts: readonly string[]): readonly string[] {
  if (!Array.isArray(hosts)) refuse('httpAllowedHosts', 'a list of host names', hosts);
  for (const host of hosts) {
    if (typeof host !== 'string' || !isHostPattern(host)) refuse('httpAllowedHosts', HOST_PATTERN, host);
  }
  return hosts;
}

function toOtlp(otlp: string | SelfMetricsOtlp): OtlpConfig {
  if (typeof otlp !== 'string' && !isObject(otlp)) refuse('otlp', 'a URL or an object with an endpoint', otlp);
  const given: SelfMetricsOtlp = typeof otlp === 'string' ? { endpoint: otlp } : otlp;
  refuseUnknown('otlp.', given, OTLP_NAMES);
  const { endpoint, headers = {}, protocol = 'http/protobuf', compression = 'none' } = given;
  const { timeoutMillis = OTLP_TIMEOUT_MILLIS, certificate, clientKey, clientCertificate } = given;
  if (typeof endpoint !== 'string') refuse('otlp.endpoint', 'an http or https URL', endpoint);
  const url = usable('otlp.endpoint', parseCollectorUrl(endpoint));
  // The message shows only the type: headers contain secrets.
  if (!isObject(headers) || !Object.values(headers).every((value) => typeof value === 'string')) {
    refuse('otlp.headers', 'an object of strings', typeof headers);
  }
  if (protocol !== 'http/protobuf' && protocol !== 'http/json')
    refuse('otlp.protocol', 'http/protobuf or http/json', protocol);
  if (compression !== 'gzip' && compression !== 'none') refuse('otlp.compression', 'gzip or none', compression);
  integer('otlp.timeoutMillis', timeoutMillis, LONGEST_TIMER_MILLIS);
  for (const [name, path] of Object.entries({ certificate, clientKey, clientCertificate })) {
    if (path !== undefined && typeof path !== 'string') refuse(`otlp.${name}`, 'the path of a PEM file', path);
  }
  return {
    protocol,
    endpoint: url,
    headers,
    compression,
    timeoutMillis,
    certificate,
    clientKey,
    clientCertificate,
    insecure: false,
  };
}

/** A misspelt option would do nothing, and nobody would learn of it. */
function refuseUnknown(prefix: string, options: object, known: Readonly<Record<string, true>>): void {
  const name = unknownKey(options, known);
  if (name === undefined) return;
  const names = Object.keys(known).join(', ');
  throw new TypeError(`${prefix}${name}: expected one of the options ${names}; nothing was started`);
}

function usable<T>(name: string, { value, problem }: Parsed<T>): T {
  if (value === undefined) throw new TypeError(`${name}: ${problem}; nothing was started`);
  return value;
}

function integer(name: string, value: unknown, max = Number.MAX_SAFE_INTEGER): void {
  if (Number.isInteger(value) && Number(value) >= 1 && Number(value) <= max) return;
  refuse(name, `an integer from 1 to ${max}`, value);
}

function refuse(name: string, expected: string, value: unknown): never {
  const got = inspect(value, { depth: 0, breakLength: Infinity }).slice(0, 200);
  throw new TypeError(`${name}: expected ${expected} (got ${got}); nothing was started`);
}

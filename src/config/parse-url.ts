import type { Parsed } from './parse.ts';
import { parsed, refused } from './parse.ts';
import { quote, redactUrl } from './show-value.ts';

/** A name, an IPv4 or a bracketed IPv6 address, and optionally a port; no user information, no path. */
const HOST_AND_PORT = /^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i;

/** An http or https URL; one without a path gets `/`. */
export function parseHttpUrl(raw: string): Parsed<string> {
  const url = httpUrl(raw);
  return url === undefined ? refused('an http or https URL', quote(redactUrl(raw))) : parsed(url.href);
}

const METRICS_PATH = '/v1/metrics';

/** Where a collector accepts metrics: its base URL with `v1/metrics` appended. A URL that ends with that path is used as it is. */
export function parseCollectorUrl(raw: string): Parsed<string> {
  const url = httpUrl(raw);
  if (url === undefined) return refused('an http or https URL', quote(redactUrl(raw)));
  if (!url.pathname.endsWith(METRICS_PATH)) url.pathname = `${url.pathname.replace(/\/$/, '')}${METRICS_PATH}`;
  return parsed(url.href);
}

/**
 * Where a gRPC client connects: an http or https URL as it is, or `host:port`. The scheme decides about TLS; for
 * `host:port`, which has none, `insecure` (OTEL_EXPORTER_OTLP_INSECURE) decides (spec, protocol/exporter.md).
 */
export function parseGrpcUrl(raw: string, insecure: boolean): Parsed<string> {
  if (httpUrl(raw) !== undefined) return parsed(raw);
  const assumed = `${insecure ? 'http' : 'https'}://${raw}`;
  const isHost = HOST_AND_PORT.test(raw) && httpUrl(assumed) !== undefined;
  return isHost ? parsed(assumed) : refused('an http or https URL or host:port', quote(redactUrl(raw)));
}

function httpUrl(raw: string): URL | undefined {
  // URL.parse() also accepts "http:host", without "//".
  return /^https?:\/\//i.test(raw) ? (URL.parse(raw) ?? undefined) : undefined;
}

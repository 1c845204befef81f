import { inspect } from 'node:util';
import type { Config } from '../config/config.ts';
import { headerProblem } from '../config/parse-pairs.ts';
import { isObject } from '../values/is-object.ts';
import type { OtherDestination } from './export/processors.ts';
import { configuredDestination } from './export/otlp-transport.ts';
import type { OtlpPath } from './export/signal-kinds.ts';

/**
 * The endpoint for signals without an OTLP/HTTP exporter that swansong can take over, and for what any other exporter has not
 * sent when the process ends.
 */
export interface SwansongOptions {
  /** Base URL, as OTEL_EXPORTER_OTLP_ENDPOINT has it: `v1/traces`, `v1/logs` and `v1/metrics` are appended. */
  readonly endpoint?: string | URL;
  /** Sent with each request to `endpoint`. Never printed. */
  readonly headers?: Readonly<Record<string, string>>;
}

interface Endpoint {
  readonly base: string;
  readonly headers: Readonly<Record<string, string>>;
}

const SIGNAL_PATH = /\/v1\/(?:traces|logs|metrics)$/;
const OUTCOME = 'nothing was changed';

/** @throws TypeError that names the option, what was expected and (of the endpoint) what was given */
export function toEndpoint({ endpoint, headers }: SwansongOptions): Endpoint | undefined {
  if (endpoint === undefined) {
    if (headers !== undefined) throw new TypeError(`headers: expected an endpoint beside them; ${OUTCOME}`);
    return undefined;
  }
  const url = URL.parse(String(endpoint));
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new TypeError(`endpoint: expected an http or https URL (got ${inspect(endpoint, { depth: 0 })}); ${OUTCOME}`);
  url.pathname = url.pathname.replace(SIGNAL_PATH, '').replace(/\/$/, '');
  return { base: url.href, headers: toHeaders(headers) };
}

function toHeaders(given: unknown): Readonly<Record<string, string>> {
  if (given === undefined) return {};
  if (!isObject(given)) throw new TypeError(`headers: expected an object (got ${typeof given}); ${OUTCOME}`);
  const headers: Record<string, string> = {};
  for (const [key, value] of Object.entries(given)) {
    const name = key.toLowerCase();
    const problem = typeof value === 'string' ? headerProblem(name, value) : 'a value that is no text';
    if (problem !== undefined) throw new TypeError(`headers: one of them has ${problem}; ${OUTCOME}`);
    headers[name] = String(value);
  }
  return headers;
}

/** Certificates, compression, format and timeout come from the environment variables. */
export function endpointsOf(
  endpoint: Endpoint | undefined,
  config: Config,
): (signal: OtlpPath) => OtherDestination | undefined {
  const created = new Map<OtlpPath, OtherDestination>();
  return (signal) => {
    if (endpoint === undefined) return undefined;
    let destination = created.get(signal);
    if (destination === undefined) {
      destination = createDestination(endpoint, signal, config);
      created.set(signal, destination);
    }
    return destination;
  };
}

function createDestination({ base, headers }: Endpoint, signal: OtlpPath, config: Config): OtherDestination {
  const { otlp } = config[signal];
  const url = new URL(base);
  url.pathname = `${url.pathname.replace(/\/$/, '')}/v1/${signal}`;
  return {
    format: otlp.protocol === 'http/json' ? 'http/json' : 'http/protobuf',
    timeoutMillis: otlp.timeoutMillis,
    destination: configuredDestination({ ...otlp, endpoint: url.href, headers }),
  };
}

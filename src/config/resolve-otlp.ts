import type { OtlpConfig } from './config.ts';
import { parseGrpcUrl, parseHttpUrl } from './parse-url.ts';
import type { VariableReader } from './variable-reader.ts';
import { variables } from './variables.ts';

/** The word for a signal in the names of its variables: OTEL_EXPORTER_OTLP_TRACES_ENDPOINT. */
type SignalWord = 'TRACES' | 'METRICS' | 'LOGS';

const HTTP_DEFAULT = variables.OTEL_EXPORTER_OTLP_ENDPOINT.default;
const GRPC_DEFAULT = 'http://localhost:4317';
const HTTP_PATHS: Readonly<Record<SignalWord, string>> = {
  TRACES: 'v1/traces',
  METRICS: 'v1/metrics',
  LOGS: 'v1/logs',
};

/** One signal's OTEL_EXPORTER_OTLP_* variables over the general ones (spec, protocol/exporter.md). */
export function resolveOtlp(reader: VariableReader, signal: SignalWord): OtlpConfig {
  const protocol = reader.enum(`OTEL_EXPORTER_OTLP_${signal}_PROTOCOL`);
  const insecure = reader.boolean(`OTEL_EXPORTER_OTLP_${signal}_INSECURE`);
  const endpoint = protocol === 'grpc' ? grpcEndpoint(reader, signal, insecure) : httpEndpoint(reader, signal);
  return {
    protocol,
    endpoint,
    headers: {
      ...reader.headers('OTEL_EXPORTER_OTLP_HEADERS'),
      ...reader.headers(`OTEL_EXPORTER_OTLP_${signal}_HEADERS`),
    },
    compression: reader.enum(`OTEL_EXPORTER_OTLP_${signal}_COMPRESSION`),
    timeoutMillis: reader.integer(`OTEL_EXPORTER_OTLP_${signal}_TIMEOUT`),
    certificate: reader.path(`OTEL_EXPORTER_OTLP_${signal}_CERTIFICATE`),
    clientKey: reader.path(`OTEL_EXPORTER_OTLP_${signal}_CLIENT_KEY`),
    clientCertificate: reader.path(`OTEL_EXPORTER_OTLP_${signal}_CLIENT_CERTIFICATE`),
    // The spec: a scheme in the endpoint takes precedence over the variable. Every endpoint has a scheme here.
    insecure: protocol === 'grpc' && /^http:/i.test(endpoint),
  };
}

function grpcEndpoint(reader: VariableReader, signal: SignalWord, insecure: boolean): string {
  const parse = (raw: string) => parseGrpcUrl(raw, insecure);
  const general = reader.url('OTEL_EXPORTER_OTLP_ENDPOINT', parse, GRPC_DEFAULT);
  return reader.url(`OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`, parse, general);
}

function httpEndpoint(reader: VariableReader, signal: SignalWord): string {
  const base = reader.url('OTEL_EXPORTER_OTLP_ENDPOINT', parseHttpUrl, HTTP_DEFAULT);
  return reader.url(`OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`, parseHttpUrl, withPath(base, HTTP_PATHS[signal]));
}

/** Appends the path before a query, in which some backends expect their API key. */
function withPath(base: string, path: string): string {
  const end = base.search(/[?#]/);
  const before = end === -1 ? base : base.slice(0, end);
  const after = end === -1 ? '' : base.slice(end);
  return `${before}${before.endsWith('/') ? '' : '/'}${path}${after}`;
}

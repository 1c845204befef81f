import type { Attributes } from '@opentelemetry/api';
import type { OtlpConfig } from '../config/config.ts';
import type { ExportedSignal } from './observe-sdk.ts';

const TRANSPORTS: Readonly<Record<OtlpConfig['protocol'] | 'stdout', string>> = {
  'http/protobuf': 'otlp_http',
  'http/json': 'otlp_http_json',
  grpc: 'otlp_grpc',
  stdout: 'otlp_stdout',
};
const SIGNALS: Readonly<Record<ExportedSignal, string>> = {
  span: 'span',
  log: 'log',
  metric_data_point: 'metric',
};

/** `otel.component.type` of an exporter: `otlp_http_span_exporter`. */
export function exporterType(signal: ExportedSignal, transport: OtlpConfig['protocol'] | 'stdout'): string {
  return `${TRANSPORTS[transport]}_${SIGNALS[signal]}_exporter`;
}

const DEFAULT_PORTS: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 };

export function serverAttributes(endpoint: string): Attributes {
  const { hostname, port, protocol } = new URL(endpoint);
  const portNumber = port === '' ? DEFAULT_PORTS[protocol] : Number(port);
  return { 'server.address': hostname, ...(portNumber !== undefined && { 'server.port': portNumber }) };
}

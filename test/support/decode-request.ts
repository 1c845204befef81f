import { decodeProtobuf } from '../../src/collector/codec/otlp-protobuf.ts';
import type { MessageName } from '../../src/collector/codec/otlp-schema.ts';
import type { Signal } from './behaviour.ts';
import type { OtlpRequest } from './flatten-otlp.ts';

const MESSAGE: Readonly<Record<Signal, MessageName>> = {
  traces: 'TracesData',
  logs: 'LogsData',
  metrics: 'MetricsData',
};

/**
 * The body of a request in the JSON form of OTLP. JSON is taken as it is: what the collector would make of it is
 * not what was sent.
 * @throws on a content type that is none of OTLP's, and on a body that cannot be decoded
 */
export function decodeRequest(signal: Signal, contentType: string, body: Buffer): OtlpRequest {
  const request: OtlpRequest = JSON.parse(jsonOf(signal, contentType, body));
  return request;
}

function jsonOf(signal: Signal, contentType: string, body: Buffer): string {
  if (contentType === 'application/json') return body.toString();
  if (contentType === 'application/x-protobuf') return JSON.stringify(decodeProtobuf(MESSAGE[signal], body));
  throw new Error(`content-type: expected application/json or application/x-protobuf (got "${contentType}")`);
}

import type { OtlpConfig } from '../config/config.ts';
import { HttpClient } from '../otlp/http-client.ts';
import { createOtlpDelivery, requestHeaders } from '../otlp/otlp-delivery.ts';
import { metricsEncoding } from '../otlp/otlp-encoding.ts';
import { readTlsFiles } from '../otlp/tls-files.ts';
import { untraced } from '../otlp/untraced.ts';
import { CollectionWay } from './collection-way.ts';

export interface OtlpWay {
  readonly way: CollectionWay;
  readonly close: () => void;
}

/** Collections to another collector, over connections of their own. */
export function createOtlpWay(
  otlp: OtlpConfig,
  intervalMillis: number,
  userAgent: string,
  report: (line: string) => void,
): OtlpWay {
  const encoding = metricsEncoding(otlp.protocol === 'http/json' ? 'http/json' : 'http/protobuf');
  const client = new HttpClient({
    url: new URL(otlp.endpoint),
    tls: readTlsFiles(otlp, report),
    maxConnections: 1,
    untraced,
  });
  const headers = requestHeaders(otlp, encoding.contentType, userAgent);
  const way = new CollectionWay({
    name: `${new URL(otlp.endpoint).origin} (self-metrics)`,
    intervalMillis,
    attemptTimeoutMillis: otlp.timeoutMillis,
    deliver: createOtlpDelivery({ encoding, client, compression: otlp.compression, headers }),
    report,
  });
  return { way, close: () => client.close() };
}

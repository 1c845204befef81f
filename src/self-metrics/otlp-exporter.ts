import type { OtlpConfig } from '../config/config.ts';
import { HttpClient } from '../otlp/http-client.ts';
import { createHttpDelivery, requestHeaders } from '../otlp/http-delivery.ts';
import { metricsEncoding } from '../otlp/otlp-encoding.ts';
import { readTlsFiles } from '../otlp/tls-files.ts';
import { untraced } from '../otlp/untraced.ts';
import { CollectionExporter } from './collection-exporter.ts';

export interface OtlpExporter {
  readonly exporter: CollectionExporter;
  readonly close: () => void;
}

/** Exports collections to another collector, over its own connections. */
export function createOtlpExporter(
  otlp: OtlpConfig,
  intervalMillis: number,
  userAgent: string,
  report: (line: string) => void,
): OtlpExporter {
  const encoding = metricsEncoding(otlp.protocol === 'http/json' ? 'http/json' : 'http/protobuf');
  const client = new HttpClient({
    url: new URL(otlp.endpoint),
    tls: readTlsFiles(otlp, report),
    maxConnections: 1,
    untraced,
  });
  const headers = requestHeaders(otlp, encoding.contentType, userAgent);
  const exporter = new CollectionExporter({
    name: `${new URL(otlp.endpoint).origin} (self-metrics)`,
    intervalMillis,
    attemptTimeoutMillis: otlp.timeoutMillis,
    deliver: createHttpDelivery({ encoding, client, compression: otlp.compression, headers }),
    report,
  });
  return { exporter, close: () => client.close() };
}

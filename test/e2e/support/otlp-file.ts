import { existsSync, readFileSync } from 'node:fs';
import { flattenLogRecords, flattenMetrics, flattenSpans, type OtlpRequest } from '../../support/flatten-otlp.ts';
import type { ReceivedLogRecord, ReceivedMetric, ReceivedSpan } from '../../support/received-telemetry.ts';

export interface OtlpFileItems {
  readonly spans: readonly ReceivedSpan[];
  readonly logRecords: readonly ReceivedLogRecord[];
  /** One entry per data point. */
  readonly metrics: readonly ReceivedMetric[];
}

/** The complete lines of an OTLP file, as they are: the last one may still be written. None where there is no file. */
export function linesOf(path: string): readonly string[] {
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8').split('\n').slice(0, -1);
}

/** What an OTLP file holds: a request in the JSON form of OTLP on every line. `request` of an item is its line, from 0. */
export function readOtlpFile(path: string): OtlpFileItems {
  const requests = linesOf(path).map((line): OtlpRequest => JSON.parse(line));
  return {
    spans: requests.flatMap((request, line) => flattenSpans(request, line)),
    logRecords: requests.flatMap((request, line) => flattenLogRecords(request, line)),
    metrics: requests.flatMap((request, line) => flattenMetrics(request, line)),
  };
}

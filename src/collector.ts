/**
 * The embedded collector: an OTLP/HTTP backend inside a Node.js process that appends what it accepts to files of JSON lines.
 * docs/collector.md says what it guarantees; `npx swansong collector` is the same as a command.
 *
 * @example
 * const collector = await startCollector({ port: 0, directory: './telemetry' });
 * process.env.OTEL_EXPORTER_OTLP_ENDPOINT = collector.url;
 * …
 * await collector.close();
 */

export type { CollectorOptions } from './collector/collector-options.ts';
export type { Counts, Health, SignalCounts } from './collector/otlp-receiver.ts';
export type { SignalName } from './collector/signals.ts';
export { type Collector, CollectorStartError, startCollector } from './collector/start-collector.ts';
export type { CollectorMetrics } from './self-metrics/collector-metrics.ts';
export type { GracefulShutdownReport } from './shutdown/graceful-report.ts';
export type { FlushableTelemetry } from './shutdown/graceful-shutdown.ts';

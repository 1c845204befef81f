import type { Meter, MeterProvider as ApiMeterProvider } from '@opentelemetry/api';
import type { Resource } from '@opentelemetry/resources';
import { MeterProvider, type MetricReader } from '@opentelemetry/sdk-metrics';
import { monotonicMillis } from '../clock/clock.ts';
import type { Deadline } from '../deadline/deadline.ts';
import { toDeadline } from '../deadline/to-deadline.ts';
import type { CollectionExporter } from './collection-exporter.ts';
import { createFileExporter } from './file-exporter.ts';
import { HttpEndpoint } from './http-endpoint.ts';
import { createOtlpExporter } from './otlp-exporter.ts';
import { observeProcess } from './process-metrics.ts';
import {
  PipelineReport,
  type SelfMetricsReport,
  type SelfMetricsShutdownOptions,
  type SelfMetricsExporterReport,
  exporterReport,
} from './self-metrics-report.ts';
import { ScrapeReader } from './scrape-reader.ts';
import type { SelfMetricsPlan } from './self-metrics-options.ts';

/** A pipeline of metrics that shares nothing with the application's own. */
export interface SelfMetrics {
  /** A meter for your own metrics; `meterProvider.getMeter()` returns others. */
  readonly meter: Meter;
  /** Separate from the global provider. */
  readonly meterProvider: ApiMeterProvider;
  /**
   * Base URL of the HTTP endpoint, such as `http://127.0.0.1:9464`, once it listens. `undefined` if there is none, or if it
   * cannot listen, which is reported in one line. Never rejects.
   */
  readonly listening: Promise<string | undefined>;
  /**
   * Collects once more, delivers that and what waits, and ends the pipeline: call it last, when nothing is left to be counted.
   * A second call returns the promise of the first; never rejects.
   *
   * @throws TypeError on invalid options, before anything is ended
   */
  shutdown(options?: SelfMetricsShutdownOptions): Promise<SelfMetricsReport>;
}

export interface PipelineOptions {
  readonly resource: Resource;
  /** The instrumentation scope of `meter`. */
  readonly scope: { readonly name: string; readonly version: string };
  readonly report: (line: string) => void;
  /** Adds the metrics of Node.js. @returns stops their observation */
  readonly observeRuntime: (meterProvider: ApiMeterProvider) => () => void;
  /** Adds the metrics of the running SDK, if there is one. */
  readonly observeSdk: (meter: Meter) => void;
  readonly onEnd: () => void;
}

const DEFAULT_TIMEOUT_MILLIS = 5000;

/** Starts the exporters of the plan. One that cannot start is reported in one line, and the others work. */
export function startPipeline(plan: SelfMetricsPlan, options: PipelineOptions): SelfMetrics {
  const { scope, report, resource } = options;
  const file = plan.file && createFileExporter(plan.file, plan.intervalMillis, report);
  const otlp =
    plan.otlp && createOtlpExporter(plan.otlp, plan.intervalMillis, `${scope.name}/${scope.version}`, report);
  const scrape = plan.http && new ScrapeReader();
  const readers: MetricReader[] = [file?.exporter.reader, otlp?.exporter.reader, scrape].filter(
    (part) => part !== undefined,
  );
  const meterProvider = new MeterProvider({ resource, readers });
  const meter = meterProvider.getMeter(scope.name, scope.version);
  const stopObserving = readers.length === 0 ? undefined : observe(meterProvider, meter, options);
  const http =
    plan.http &&
    scrape &&
    new HttpEndpoint({
      address: plan.http,
      allowedHosts: plan.httpAllowedHosts,
      scrape: () => scrape.scrape(),
      report,
    });

  const end = async (deadline: Deadline): Promise<SelfMetricsReport> => {
    const startedAt = monotonicMillis();
    await Promise.all([file?.exporter.finish(deadline), otlp?.exporter.finish(deadline)]);
    http?.close();
    otlp?.close();
    stopObserving?.();
    await file?.close(deadline);
    options.onEnd();
    const exporters = { file: reportOf(file?.exporter), otlp: reportOf(otlp?.exporter) };
    const left = (exporters.file?.undelivered ?? 0) + (exporters.otlp?.undelivered ?? 0);
    return new PipelineReport({
      timedOut: left > 0 && deadline.expired,
      durationMillis: monotonicMillis() - startedAt,
      ...exporters,
    });
  };
  let ended: Promise<SelfMetricsReport> | undefined;
  return {
    meter,
    meterProvider,
    listening: http?.listening ?? Promise.resolve(undefined),
    shutdown(shutdownOptions = {}) {
      const deadline = toDeadline(shutdownOptions, DEFAULT_TIMEOUT_MILLIS, 'nothing was ended');
      ended ??= end(deadline);
      return ended;
    },
  };
}

function observe(
  meterProvider: ApiMeterProvider,
  meter: Meter,
  { observeRuntime, observeSdk, report }: PipelineOptions,
): () => void {
  let stop = (): void => {};
  const parts: Readonly<Record<string, () => void>> = {
    process: () => observeProcess(meter),
    'Node.js': () => {
      stop = observeRuntime(meterProvider);
    },
    swansong: () => observeSdk(meter),
  };
  for (const [name, start] of Object.entries(parts)) {
    try {
      start();
    } catch (error) {
      report(`the metrics of ${name} are missing among the self-metrics: ${String(error)}`);
    }
  }
  return stop;
}

function reportOf(exporter: CollectionExporter | undefined): SelfMetricsExporterReport | undefined {
  return exporter && exporterReport(exporter.counts(), exporter.lastError);
}

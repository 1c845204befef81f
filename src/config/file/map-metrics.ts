import type { MetricsConfig } from '../config.ts';
import type { Entry } from './entry.ts';
import { dotted } from './findings.ts';
import { ExporterSet, mapExporter } from './map-exporter.ts';
import { toChoice, toInteger } from './values.ts';

type ReaderSettings = Omit<MetricsConfig, 'exporters' | 'otlp'>;

const TEMPORALITIES = { cumulative: 'cumulative', delta: 'delta', low_memory: 'lowmemory' } as const;

/** `meter_provider`. @param base the defaults */
export function mapMetrics(provider: Entry, base: MetricsConfig): MetricsConfig {
  const exporters = new ExporterSet();
  let first: { readonly path: string; readonly settings: ReaderSettings } | undefined;
  for (const reader of provider.key('readers').items()) {
    reader.unsupported('pull', 'pull readers are not supported, ignoring this one; a periodic reader sends metrics');
    const periodic = reader.key('periodic');
    if (!periodic.isPresent) continue;
    const exporter = mapExporter(periodic.key('exporter'), base.otlp);
    const settings = mapReader(periodic, exporter?.entry, base);
    if (exporter === undefined || !exporters.add(exporter)) continue;
    first ??= { path: dotted(periodic.path), settings };
    if (JSON.stringify(first.settings) !== JSON.stringify(settings))
      periodic.warn(`expected the settings of ${first.path}, which apply to all exporters of metrics, ignoring these`);
  }
  provider.unsupported('views', 'views are not supported, every instrument keeps its name, attributes and aggregation');
  provider.unsupported('exemplar_filter', 'exemplars are not supported, ignoring it');
  provider.unsupported('meter_configurator/development', 'not supported, every meter is on');
  return { ...base, ...first?.settings, exporters: exporters.names, otlp: exporters.otlp ?? base.otlp };
}

function mapReader(periodic: Entry, exporter: Entry | undefined, base: MetricsConfig): ReaderSettings {
  periodic.unsupported('producers', 'metric producers are not supported, ignoring them');
  periodic.unsupported('cardinality_limits', 'not supported, the limit of the SDK applies (2000)');
  periodic.unsupported('max_export_batch_size/development', 'not supported, one request contains a whole collection');
  const temporality = exporter?.key('temporality_preference').read(toChoice(['cumulative', 'delta', 'low_memory']));
  return {
    exportIntervalMillis:
      periodic.key('interval').read(toInteger('OTEL_METRIC_EXPORT_INTERVAL')) ?? base.exportIntervalMillis,
    exportTimeoutMillis:
      periodic.key('timeout').read(toInteger('OTEL_METRIC_EXPORT_TIMEOUT')) ?? base.exportTimeoutMillis,
    temporality: temporality === undefined ? base.temporality : TEMPORALITIES[temporality],
    histogramAggregation:
      exporter
        ?.key('default_histogram_aggregation')
        .read(toChoice(['explicit_bucket_histogram', 'base2_exponential_bucket_histogram'])) ??
      base.histogramAggregation,
  };
}

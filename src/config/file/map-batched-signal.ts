import type { BatchConfig, BatchedSignalConfig } from '../config.ts';
import type { Entry } from './entry.ts';
import { dotted } from './findings.ts';
import { ExporterSet, mapExporter } from './map-exporter.ts';
import { toInteger } from './values.ts';

/** The word for the processor in the names of the variables that correspond to the keys of `batch`. */
type Processor = 'BSP' | 'BLRP';

/** `processors` of the tracer or logger provider. @param base the defaults */
export function mapBatchedSignal(
  provider: Entry,
  processor: Processor,
  base: BatchedSignalConfig,
): BatchedSignalConfig {
  const exporters = new ExporterSet();
  let settings: { readonly path: string; readonly batch: BatchConfig } | undefined;
  for (const entry of provider.key('processors').items()) {
    const mapped = mapProcessor(entry, processor, base.batch);
    const exporter = mapped === undefined ? undefined : mapExporter(mapped.entry.key('exporter'), base.otlp);
    if (mapped === undefined || exporter === undefined || !exporters.add(exporter)) continue;
    // The console exporter prints at once, so the settings of its processor do not matter.
    if (exporter.name === 'console') continue;
    settings ??= { path: dotted(mapped.entry.path), batch: mapped.batch };
    if (JSON.stringify(settings.batch) !== JSON.stringify(mapped.batch))
      mapped.entry.warn(
        `expected the settings of ${settings.path}, which apply to all exporters of the signal, ignoring these`,
      );
  }
  return { exporters: exporters.names, otlp: exporters.otlp ?? base.otlp, batch: settings?.batch ?? base.batch };
}

function mapProcessor(
  entry: Entry,
  processor: Processor,
  base: BatchConfig,
): { readonly entry: Entry; readonly batch: BatchConfig } | undefined {
  const batch = entry.key('batch');
  const simple = entry.key('simple');
  for (const other of entry.others()) other.warn('this processor is not supported, ignoring it');
  if (batch.isPresent) return { entry: batch, batch: mapBatch(batch, processor, base) };
  // `simple` means export at once; spans that end in the same turn of the event loop share a request.
  return simple.isPresent ? { entry: simple, batch: { ...base, scheduleDelayMillis: 0 } } : undefined;
}

function mapBatch(entry: Entry, processor: Processor, base: BatchConfig): BatchConfig {
  const maxQueueSize = entry.key('max_queue_size').read(toInteger(`OTEL_${processor}_MAX_QUEUE_SIZE`));
  const size = entry.key('max_export_batch_size');
  const wanted = size.read(toInteger(`OTEL_${processor}_MAX_EXPORT_BATCH_SIZE`));
  const most = maxQueueSize ?? base.maxQueueSize;
  if (wanted !== undefined && wanted > most)
    size.warn(`expected at most max_queue_size (got ${wanted}), using ${most}`);
  return {
    scheduleDelayMillis:
      entry.key('schedule_delay').read(toInteger(`OTEL_${processor}_SCHEDULE_DELAY`)) ?? base.scheduleDelayMillis,
    exportTimeoutMillis:
      entry.key('export_timeout').read(toInteger(`OTEL_${processor}_EXPORT_TIMEOUT`)) ?? base.exportTimeoutMillis,
    maxQueueSize: most,
    maxExportBatchSize: Math.min(wanted ?? base.maxExportBatchSize, most),
  };
}

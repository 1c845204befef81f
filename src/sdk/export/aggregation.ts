import {
  AggregationTemporality,
  type AggregationSelector,
  type AggregationTemporalitySelector,
  AggregationType,
  InstrumentType,
} from '@opentelemetry/sdk-metrics';
import type { MetricsConfig } from '../../config/config.ts';

/** OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE (specification, "Metrics Exporter – OTLP"): up-down counters are cumulative in every preference. */
const DELTA_INSTRUMENTS: Readonly<Record<MetricsConfig['temporality'], ReadonlySet<InstrumentType>>> = {
  cumulative: new Set(),
  delta: new Set([InstrumentType.COUNTER, InstrumentType.HISTOGRAM, InstrumentType.OBSERVABLE_COUNTER]),
  lowmemory: new Set([InstrumentType.COUNTER, InstrumentType.HISTOGRAM]),
};

export function temporalitySelector(preference: MetricsConfig['temporality']): AggregationTemporalitySelector {
  const deltas = DELTA_INSTRUMENTS[preference];
  return (instrument) => (deltas.has(instrument) ? AggregationTemporality.DELTA : AggregationTemporality.CUMULATIVE);
}

export function aggregationSelector(histograms: MetricsConfig['histogramAggregation']): AggregationSelector {
  const exponential = histograms === 'base2_exponential_bucket_histogram';
  return (instrument) =>
    exponential && instrument === InstrumentType.HISTOGRAM
      ? { type: AggregationType.EXPONENTIAL_HISTOGRAM }
      : { type: AggregationType.DEFAULT };
}

/**
 * Stands in for the exporters that `@opentelemetry/sdk-node` brings, in the preload's bundle (tsdown.config.ts): NodeSDK makes
 * one only for a signal that it is not given processors for.
 */
class NotBundled {
  constructor() {
    throw new Error('this exporter is not part of the preload');
  }
}

/** sdk-node's reader of configuration files names it; that reader is left out of the bundle. */
export const AggregationTemporalityPreference = undefined;

export {
  NotBundled as OTLPTraceExporter,
  NotBundled as OTLPLogExporter,
  NotBundled as OTLPMetricExporter,
  NotBundled as PrometheusExporter,
  NotBundled as ZipkinExporter,
};

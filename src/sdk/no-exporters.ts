/**
 * Stands in for the exporters that `@opentelemetry/sdk-node` brings, in the preload's bundle (tsdown.config.ts): NodeSDK
 * creates one only for a signal without processors in its configuration.
 */
class NotBundled {
  constructor() {
    throw new Error('this exporter is not part of the preload');
  }
}

/** Imported by sdk-node's reader of configuration files, which is left out of the bundle. */
export const AggregationTemporalityPreference = undefined;

export {
  NotBundled as OTLPTraceExporter,
  NotBundled as OTLPLogExporter,
  NotBundled as OTLPMetricExporter,
  NotBundled as PrometheusExporter,
  NotBundled as ZipkinExporter,
};

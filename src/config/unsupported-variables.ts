/** Variables of the spec that swansong does not read, each with what holds instead. Set, they are warned about. */
export const unsupportedVariables: Readonly<Record<string, string>> = {
  OTEL_EXPERIMENTAL_CONFIG_FILE: 'its name is OTEL_CONFIG_FILE now, ignoring it; the other variables hold',
  OTEL_METRICS_EXEMPLAR_FILTER: 'exemplars are not supported, ignoring it',
  OTEL_EXPORTER_PROMETHEUS_HOST: 'the Prometheus exporter is not supported, ignoring it; metrics go out by OTLP',
  OTEL_EXPORTER_PROMETHEUS_PORT: 'the Prometheus exporter is not supported, ignoring it; metrics go out by OTLP',
  OTEL_EXPORTER_ZIPKIN_ENDPOINT: 'the Zipkin exporter is not supported, ignoring it; spans go out by OTLP',
  OTEL_EXPORTER_ZIPKIN_TIMEOUT: 'the Zipkin exporter is not supported, ignoring it; spans go out by OTLP',
};

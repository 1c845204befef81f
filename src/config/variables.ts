import { otlpVariables } from './otlp-variables.ts';
import { sdkVariables } from './sdk-variables.ts';
import { selfMetricsVariables } from './self-metrics-variables.ts';
import type { Variable } from './variable.ts';

/** Every variable swansong reads. The parser, the README and `describeConfig` all work from these rows. */
export const variables: typeof sdkVariables & typeof otlpVariables & typeof selfMetricsVariables = {
  ...sdkVariables,
  ...otlpVariables,
  ...selfMetricsVariables,
};

export type VariableName = keyof typeof variables;

/** The names of the variables of one kind, so that for example only a boolean variable can be read as a boolean. */
export type NameOf<Kind extends Variable['kind']> = {
  [Name in VariableName]: (typeof variables)[Name]['kind'] extends Kind ? Name : never;
}[VariableName];

/** One of the `values` in the rows of these enums, lists or filters. */
export type ChoiceOf<Name extends NameOf<'enum' | 'list' | 'filter'>> = (typeof variables)[Name]['values'][number];

/** The rows as plain data; the type annotation also checks that every row is well formed. */
export const rows: Readonly<Record<VariableName, Variable>> = variables;

/** Variables of the spec that swansong does not support. If one is set, this is the warning. */
export const unsupportedVariables: Readonly<Record<string, string>> = {
  OTEL_EXPERIMENTAL_CONFIG_FILE: 'it was renamed to OTEL_CONFIG_FILE, ignoring it; the other variables apply',
  OTEL_METRICS_EXEMPLAR_FILTER: 'exemplars are not supported, ignoring it',
  OTEL_EXPORTER_PROMETHEUS_HOST: 'the Prometheus exporter is not supported, ignoring it; metrics go out by OTLP',
  OTEL_EXPORTER_PROMETHEUS_PORT: 'the Prometheus exporter is not supported, ignoring it; metrics go out by OTLP',
  OTEL_EXPORTER_ZIPKIN_ENDPOINT: 'the Zipkin exporter is not supported, ignoring it; spans go out by OTLP',
  OTEL_EXPORTER_ZIPKIN_TIMEOUT: 'the Zipkin exporter is not supported, ignoring it; spans go out by OTLP',
};

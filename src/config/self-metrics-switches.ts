/**
 * The variables that start self-metrics, one for each way out: a file, an HTTP endpoint, another collector. A module without
 * imports, because the bundle of src/register.ts contains it and must stay small.
 */
export const selfMetricsSwitches = [
  'SWANSONG_SELF_METRICS_FILE',
  'SWANSONG_SELF_METRICS_HTTP',
  'SWANSONG_SELF_METRICS_OTLP',
] as const;

/** Whether one of them is set; empty or only spaces counts as unset, as for every variable. */
export function selfMetricsAreOn(environment: Readonly<Record<string, string | undefined>>): boolean {
  return selfMetricsSwitches.some((name) => (environment[name] ?? '').trim() !== '');
}

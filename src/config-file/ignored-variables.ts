import { selfMetricsVariables } from '../config/self-metrics-variables.ts';
import { unsupportedVariables } from '../config/unsupported-variables.ts';
import type { Environment } from '../config/variable-reader.ts';
import { variables } from '../config/variables.ts';

/**
 * The variables that are set and would mean something without the file (specification, OTEL_CONFIG_FILE). Those of the
 * self-metrics hold: they are about another pipeline, which no file describes.
 */
export function ignoredVariables(environment: Environment, used: ReadonlySet<string>): readonly string[] {
  return Object.keys({ ...variables, ...unsupportedVariables }).filter(
    (name) =>
      name !== 'OTEL_CONFIG_FILE' &&
      !(name in selfMetricsVariables) &&
      !used.has(name) &&
      (environment[name] ?? '').trim() !== '',
  );
}

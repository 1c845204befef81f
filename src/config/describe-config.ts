import { readConfig } from './resolve-config.ts';
import { showValue } from './show-value.ts';
import { type Environment, VariableReader } from './variable-reader.ts';
import { rows } from './variables.ts';

/**
 * One line for each variable of the table that is set, with the value that applies: `OTEL_BSP_MAX_QUEUE_SIZE=2048`.
 * Secrets are shown as `[redacted]`, headers with their names. For OTEL_LOG_LEVEL=debug.
 */
export function describeConfig(environment: Environment): readonly string[] {
  const reader = new VariableReader(environment);
  readConfig(reader);
  return [...reader.effective].map(([name, value]) =>
    value === undefined ? `${name} is ignored` : `${name}=${showValue(rows[name], value)}`,
  );
}

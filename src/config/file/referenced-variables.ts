import { isObject } from '../../values/is-object.ts';
import { selfMetricsVariables } from '../self-metrics-variables.ts';
import type { Environment } from '../variable-reader.ts';
import { unsupportedVariables, variables } from '../variables.ts';
import type { Path } from './findings.ts';

/** Every string in the file, with its position. */
export function* texts(value: unknown, path: Path = []): Generator<{ readonly path: Path; readonly text: string }> {
  if (typeof value === 'string') yield { path, text: value };
  else if (Array.isArray(value)) for (const [index, item] of value.entries()) yield* texts(item, [...path, index]);
  else if (isObject(value)) for (const [key, item] of Object.entries(value)) yield* texts(item, [...path, key]);
}

/** The environment variables that the file refers to: `${NAME}`, `${env:NAME}`, `${NAME:-default}`; `$$` is a `$`. */
export function referencedVariables(file: unknown): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { text } of texts(file)) {
    for (const [, name] of text.replaceAll('$$', '').matchAll(/\$\{(?:env:)?([A-Za-z_]\w*)(?::-[^}]*)?\}/g)) {
      if (name !== undefined) names.add(name);
    }
  }
  return names;
}

/**
 * The variables that are set and have no effect because of the file (specification, OTEL_CONFIG_FILE). Those of the self-metrics
 * do have one: they configure another pipeline, which the file cannot describe.
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

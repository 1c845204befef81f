import { isObject } from '../values/is-object.ts';
import type { InstrumentationOptions } from './config.ts';
import { instrumentationPackage } from './instrumentation-packages.ts';
import type { Parsed } from './parse.ts';
import { parsed, refused } from './parse.ts';
import { quote } from './show-value.ts';

const EXAMPLE = '{"express":{"ignoreLayersType":["middleware"]}}';

/**
 * Options of instrumentations as JSON: an object with an object of options for each name.
 *
 * @param packages those of SWANSONG_INSTRUMENTATIONS; options of another one are ignored alone
 */
export function parseOptions(
  raw: string,
  packages: readonly string[],
): Parsed<Readonly<Record<string, InstrumentationOptions>>> {
  const members = parseObject(raw);
  if (members === undefined) return refused(`a JSON object of options by name, such as ${EXAMPLE}`, quote(raw));
  const options: Record<string, InstrumentationOptions> = {};
  const unusable: string[] = [];
  for (const [name, value] of Object.entries(members)) {
    const packageName = instrumentationPackage(name);
    if (!packages.includes(packageName)) unusable.push(quote(name));
    else if (!isOptions(value)) unusable.push(`${quote(name)}: ${quote(JSON.stringify(value))}`);
    else options[packageName] = { ...options[packageName], ...value };
  }
  if (unusable.length === 0) return parsed(options);
  const problem = `expected names that SWANSONG_INSTRUMENTATIONS has, each with an object (got ${unusable.join(', ')})`;
  return { value: options, problem };
}

export function isOptions(value: unknown): value is InstrumentationOptions {
  return isObject(value) && !Array.isArray(value);
}

function parseObject(raw: string): InstrumentationOptions | undefined {
  try {
    const value: unknown = JSON.parse(raw);
    return isOptions(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

import type { InstrumentationOptions } from '../config.ts';
import { instrumentationPackage } from '../instrumentation-packages.ts';
import { isOptions } from '../parse-options.ts';
import type { Entry } from './entry.ts';

/**
 * `instrumentation/development.js`: the options of instrumentations, by short name or package name (specification, "Instrumentation
 * configuration file model"). Which of them are loaded, `distribution.swansong.instrumentations` says.
 */
export function mapInstrumentation(
  entry: Entry,
  packages: readonly string[],
): Readonly<Record<string, InstrumentationOptions>> {
  entry.unsupported('general', 'not supported, ignoring it');
  const options: Record<string, InstrumentationOptions> = {};
  for (const item of entry.key('js').others()) {
    const packageName = instrumentationPackage(String(item.path.at(-1)));
    const { value } = item;
    if (!packages.includes(packageName)) {
      item.warn('distribution.swansong.instrumentations does not have this name, ignoring its options');
    } else if (!isOptions(value)) {
      item.refuse('expected a mapping');
    } else {
      options[packageName] = { ...options[packageName], ...value };
      item.show(Object.keys(value).join(', '));
    }
  }
  // Other languages have sections of their own.
  entry.others();
  return options;
}

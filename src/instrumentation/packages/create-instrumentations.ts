import type { Instrumentation } from '@opentelemetry/instrumentation';
import type { InstrumentationOptions } from '../../config/config.ts';
import { requireFromApplication } from '../../application/application-require.ts';
import { read } from '../../values/read.ts';
import { messageOf } from '../../values/thrown.ts';

/** What a package does not do by itself. The options of the application win. */
const DEFAULT_OPTIONS: ReadonlyMap<string, InstrumentationOptions> = new Map([
  // Else each instance of Fastify has to register its plugin.
  ['@fastify/otel', { registerOnInitialization: true }],
]);

/**
 * Creates the instrumentations that a package exports, which enable themselves.
 *
 * @throws Error that names the package to install, or says that there is none in it, or that one could not be created
 */
export function createInstrumentations(
  packageName: string,
  options: InstrumentationOptions,
): readonly Instrumentation[] {
  const exports = requireFromApplication(packageName, 'SWANSONG_INSTRUMENTATIONS');
  const found: Instrumentation[] = [];
  for (const exported of new Set(Object.values(exports))) {
    if (typeof exported !== 'function' || !hasMethods(exported.prototype)) continue;
    try {
      // Its own copy: the configuration is frozen, and some change theirs.
      const config = structuredClone({ ...DEFAULT_OPTIONS.get(packageName), ...options });
      const instrumentation: unknown = Reflect.construct(exported, [config]);
      if (hasMethods(instrumentation)) found.push(instrumentation);
    } catch (error) {
      for (const instrumentation of found) instrumentation.disable();
      throw new Error(`${packageName} could not be started: ${messageOf(error)}`, { cause: error });
    }
  }
  if (found.length === 0)
    throw new Error(`${packageName} exports no instrumentation (a class with enable() and disable())`);
  return found;
}

function hasMethods(value: unknown): value is Instrumentation {
  return ['enable', 'disable', 'setTracerProvider', 'setMeterProvider'].every(
    (method) => typeof read(value, method) === 'function',
  );
}

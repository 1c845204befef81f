import { read } from '../../values/read.ts';
import { readMethod } from './private-fields.ts';

/**
 * A configuration by which NodeSDK registers nothing, for a process in which another SDK is running: its instrumentations use
 * what is registered already. Those of `packages` would record everything a second time; they are disabled, since their
 * constructors have enabled them.
 */
export function withoutRegistrations(
  configuration: object,
  packages: readonly string[],
): { readonly inert: object; readonly disabled: readonly string[] } {
  const given: unknown = Reflect.get(configuration, 'instrumentations');
  const disabled: string[] = [];
  const instrumentations = (Array.isArray(given) ? given.flat() : []).filter((instrumentation: unknown) => {
    const name = read(instrumentation, 'instrumentationName');
    if (typeof name !== 'string' || !packages.includes(name)) return true;
    readMethod(instrumentation, 'disable')?.();
    disabled.push(name);
    return false;
  });
  const inert: Record<string, unknown> = {
    ...configuration,
    instrumentations,
    spanProcessors: [],
    logRecordProcessors: [],
    metricReaders: [],
    // Null: register none.
    contextManager: null,
    textMapPropagator: null,
  };
  for (const name of ['traceExporter', 'spanProcessor', 'logRecordProcessor', 'metricReader', 'views'])
    delete inert[name];
  return { inert, disabled };
}

import { createRequire, syncBuiltinESMExports } from 'node:module';
import { diag, metrics } from '@opentelemetry/api';
import type { Instrumentation } from '@opentelemetry/instrumentation';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { RuntimeNodeInstrumentation } from '@opentelemetry/instrumentation-runtime-node';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import type { Config } from '../config/config.ts';
import { loadApplicationInstrumentations } from './application-instrumentations.ts';

/** What is instrumented unless told otherwise; the names are those of the packages, as OTEL_NODE_*_INSTRUMENTATIONS use them. */
const BUILT_IN: Readonly<Record<string, () => Instrumentation>> = {
  http: () => patchBuiltins(new HttpInstrumentation()),
  undici: () => new UndiciInstrumentation(),
  'runtime-node': () => new RuntimeNodeInstrumentation(),
};

/**
 * Instruments this process. Called after the providers are published: instrumentations take their meters when they are made.
 * One that fails says so and leaves the others alone.
 */
export function startInstrumentations(config: Config['instrumentations']): void {
  for (const [name, create] of Object.entries(BUILT_IN)) {
    if (config.enabled !== undefined && !config.enabled.includes(name)) continue;
    if (config.disabled.includes(name)) continue;
    try {
      // RuntimeNodeInstrumentation takes no meter in its constructor.
      create().setMeterProvider(metrics.getMeterProvider());
    } catch (error) {
      diag.error(`the instrumentation of ${name} could not start`, error);
    }
  }
  loadApplicationInstrumentations(config.packages);
}

/**
 * Patches `http` and `https` at once and makes named ESM imports (`import { request } from 'node:http'`) see it. That needs
 * neither a `require` hook, which would show up in the stack traces of everything an application requires, nor an ESM loader
 * hook, which is slow and prints a deprecation warning on Node 26.
 */
function patchBuiltins(instrumentation: HttpInstrumentation): HttpInstrumentation {
  const require = createRequire(import.meta.url);
  for (const { name, patch } of instrumentation.getModuleDefinitions()) patch?.(require(name));
  syncBuiltinESMExports();
  return instrumentation;
}

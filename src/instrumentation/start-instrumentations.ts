import { diag, metrics, trace } from '@opentelemetry/api';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import type { Config } from '../config/config.ts';
import { instrumentIncomingHttp } from './http/incoming-http.ts';
import { instrumentOutgoingHttp } from './http/outgoing-http.ts';
import { observeRuntime } from './runtime.ts';
import { loadApplicationInstrumentations } from './packages/application-instrumentations.ts';
import { VERSION } from '../config/distribution.ts';

/** What is instrumented unless told otherwise; the names are those of the packages, as OTEL_NODE_*_INSTRUMENTATIONS use them. */
const BUILT_IN: Readonly<Record<string, () => (() => void) | void>> = {
  http() {
    const tracer = trace.getTracer('swansong/http', VERSION);
    const meter = metrics.getMeter('swansong/http', VERSION);
    instrumentIncomingHttp(tracer, meter);
    instrumentOutgoingHttp(tracer, meter);
  },
  undici() {
    new UndiciInstrumentation().setMeterProvider(metrics.getMeterProvider());
  },
  'runtime-node': () => observeRuntime(metrics.getMeterProvider()),
};

/** Packages that the built-in instrumentations stand for: what they observe is not to be observed twice. */
export function builtInPackages(config: Config['instrumentations']): readonly string[] {
  return Object.keys(BUILT_IN)
    .filter((name) => isWanted(name, config))
    .map((name) => `@opentelemetry/instrumentation-${name}`);
}

function isWanted(name: string, { enabled, disabled }: Config['instrumentations']): boolean {
  return (enabled === undefined || enabled.some((one) => one === name)) && !disabled.some((one) => one === name);
}

/**
 * Instruments this process. Called after the providers are published: instrumentations take their meters when they are made.
 * One that fails says so and leaves the others alone.
 *
 * Nothing here patches a module or hooks `require` or `import`: all of it listens to Node's diagnostics channels. So ESM and
 * CommonJS are alike, no stack trace has a frame of ours, and no loader hook prints its deprecation warning on Node 26.
 *
 * @returns what ends those that have something running: sampling the event loop is of no use once nothing is exported
 */
export function startInstrumentations(config: Config['instrumentations']): () => void {
  const stops: (() => void)[] = [];
  for (const [name, start] of Object.entries(BUILT_IN)) {
    if (!isWanted(name, config)) continue;
    try {
      const stop = start();
      if (stop !== undefined) stops.push(stop);
    } catch (error) {
      diag.error(`the instrumentation of ${name} could not start`, error);
    }
  }
  loadApplicationInstrumentations(config.packages);
  return () => {
    for (const stop of stops.splice(0)) stop();
  };
}

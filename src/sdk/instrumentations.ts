import { diag, metrics, trace } from '@opentelemetry/api';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import type { Config } from '../config/config.ts';
import { instrumentIncomingHttp } from '../instrumentation/incoming-http.ts';
import { instrumentOutgoingHttp } from '../instrumentation/outgoing-http.ts';
import { observeRuntime } from '../instrumentation/runtime-metrics.ts';
import { loadApplicationInstrumentations } from './application-instrumentations.ts';
import { VERSION } from './version.ts';

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

/**
 * Instruments this process. Called after the providers are published: instrumentations take their meters when they are made.
 * One that fails says so and leaves the others alone.
 *
 * Nothing built in patches a module or hooks `require` or `import`: all of it listens to Node's diagnostics channels. So ESM and
 * CommonJS are alike, no stack trace has a frame of ours, and no loader hook prints its deprecation warning on Node 26.
 *
 * @returns what ends those that have something running: sampling the event loop is of no use once nothing is exported
 */
export function startInstrumentations(config: Config['instrumentations']): () => void {
  const stops: (() => void)[] = [];
  const loaded = loadApplicationInstrumentations(config.packages);
  for (const [name, start] of Object.entries(BUILT_IN)) {
    if (config.enabled !== undefined && !config.enabled.includes(name)) continue;
    if (config.disabled.includes(name)) continue;
    // Named by the application, and there: it takes the place of ours, or everything would be told twice.
    if (loaded.has(`@opentelemetry/instrumentation-${name}`)) continue;
    try {
      const stop = start();
      if (stop !== undefined) stops.push(stop);
    } catch (error) {
      diag.error(`the instrumentation of ${name} could not start`, error);
    }
  }
  return () => {
    for (const stop of stops.splice(0)) stop();
  };
}

import { diag, metrics, trace } from '@opentelemetry/api';
import { RuntimeNodeInstrumentation } from '@opentelemetry/instrumentation-runtime-node';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import type { Config } from '../config/config.ts';
import { instrumentIncomingHttp } from '../instrumentation/incoming-http.ts';
import { instrumentOutgoingHttp } from '../instrumentation/outgoing-http.ts';
import { loadApplicationInstrumentations } from './application-instrumentations.ts';
import { VERSION } from './version.ts';

/** Twice the default: each sample wakes an idle process, and this halves what idling costs. */
const DELAY_RESOLUTION_MILLIS = 20;

/** What is instrumented unless told otherwise; the names are those of the packages, as OTEL_NODE_*_INSTRUMENTATIONS use them. */
const BUILT_IN: Readonly<Record<string, () => void>> = {
  http() {
    const tracer = trace.getTracer('swansong/http', VERSION);
    const meter = metrics.getMeter('swansong/http', VERSION);
    instrumentIncomingHttp(tracer, meter);
    instrumentOutgoingHttp(tracer, meter);
  },
  undici() {
    new UndiciInstrumentation().setMeterProvider(metrics.getMeterProvider());
  },
  'runtime-node'() {
    // Takes no meter in its constructor.
    new RuntimeNodeInstrumentation({ monitoringPrecision: DELAY_RESOLUTION_MILLIS }).setMeterProvider(
      metrics.getMeterProvider(),
    );
  },
};

/**
 * Instruments this process. Called after the providers are published: instrumentations take their meters when they are made.
 * One that fails says so and leaves the others alone.
 *
 * Nothing here patches a module or hooks `require` or `import`: all of it listens to Node's diagnostics channels. So ESM and
 * CommonJS are alike, no stack trace has a frame of ours, and no loader hook prints its deprecation warning on Node 26.
 */
export function startInstrumentations(config: Config['instrumentations']): void {
  for (const [name, start] of Object.entries(BUILT_IN)) {
    if (config.enabled !== undefined && !config.enabled.includes(name)) continue;
    if (config.disabled.includes(name)) continue;
    try {
      start();
    } catch (error) {
      diag.error(`the instrumentation of ${name} could not start`, error);
    }
  }
  loadApplicationInstrumentations(config.packages);
}

import type { MeterProvider } from '@opentelemetry/api';
import { RuntimeNodeInstrumentation } from '@opentelemetry/instrumentation-runtime-node';

/** Twice the default: each sample wakes an idle process, so this halves the wake-ups. */
const DELAY_RESOLUTION_MILLIS = 20;

/** Observes `nodejs.eventloop.*` and `v8js.*` of this thread. @returns stops it */
export function observeRuntime(meterProvider: MeterProvider): () => void {
  const instrumentation = new RuntimeNodeInstrumentation({ monitoringPrecision: DELAY_RESOLUTION_MILLIS });
  // Its constructor does not create the instruments.
  instrumentation.setMeterProvider(meterProvider);
  return () => instrumentation.disable();
}

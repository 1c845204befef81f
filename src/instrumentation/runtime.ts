import type { MeterProvider } from '@opentelemetry/api';
import { RuntimeNodeInstrumentation } from '@opentelemetry/instrumentation-runtime-node';

/** Twice the default: each sample wakes an idle process, and this halves what idling costs. */
const DELAY_RESOLUTION_MILLIS = 20;

/** `nodejs.eventloop.*` and `v8js.*` of this thread. @returns what ends the observing */
export function observeRuntime(meterProvider: MeterProvider): () => void {
  const instrumentation = new RuntimeNodeInstrumentation({ monitoringPrecision: DELAY_RESOLUTION_MILLIS });
  // Takes no meter in its constructor.
  instrumentation.setMeterProvider(meterProvider);
  return () => instrumentation.disable();
}

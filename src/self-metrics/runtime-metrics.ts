import type { MeterProvider } from '@opentelemetry/api';
import { RuntimeNodeInstrumentation } from '@opentelemetry/instrumentation-runtime-node';

/** As in the SDK: each sample wakes an idle process. */
const DELAY_RESOLUTION_MILLIS = 20;

/** `nodejs.eventloop.*` and `v8js.*` of this thread. @returns what ends the observing */
export function observeRuntime(meterProvider: MeterProvider): () => void {
  const instrumentation = new RuntimeNodeInstrumentation({ monitoringPrecision: DELAY_RESOLUTION_MILLIS });
  // Takes no meter in its constructor.
  instrumentation.setMeterProvider(meterProvider);
  return () => instrumentation.disable();
}

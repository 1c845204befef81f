// Ends by itself, after its telemetry had all the time it needs: that a distribution is set up as it should be.
import { setTimeout as delay } from 'node:timers/promises';
import { tracer } from './tracing.mjs';

tracer.startActiveSpan('finished', (span) => span.end());
await delay(8000);

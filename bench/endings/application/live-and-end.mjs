// Ends by itself after its telemetry had enough time: shows that a distribution is set up correctly.
import { setTimeout as delay } from 'node:timers/promises';
import { tracer } from './tracing.mjs';

tracer.startActiveSpan('finished', (span) => span.end());
await delay(8000);

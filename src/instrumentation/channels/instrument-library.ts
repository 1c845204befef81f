import type { AsyncLocalStorage } from 'node:async_hooks';
import { type Context, metrics, trace } from '@opentelemetry/api';
import { VERSION } from '../../config/distribution.ts';
import type { Library } from './library.ts';
import { traceChannel } from './trace-channel.ts';

/** Records what a library publishes; without it, or with a version that publishes nothing, this does nothing. */
export function instrumentLibrary(
  { name, channels, duration, seam }: Library,
  store: AsyncLocalStorage<Context>,
): void {
  const scope = `swansong/${name}`;
  const telemetry = {
    store,
    tracer: trace.getTracer(scope, VERSION),
    durations:
      duration === undefined ? undefined : metrics.getMeter(scope, VERSION).createHistogram(duration.name, duration),
  };
  for (const channel of channels) traceChannel(channel, telemetry);
  seam?.();
}

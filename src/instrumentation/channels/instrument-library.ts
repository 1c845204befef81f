import type { AsyncLocalStorage } from 'node:async_hooks';
import { type Context, metrics, trace } from '@opentelemetry/api';
import { VERSION } from '../../config/distribution.ts';
import type { Library } from './library.ts';
import { traceChannel } from './trace-channel.ts';

/** Records what a library publishes; without it, or with a version that publishes nothing, this does nothing. */
export function instrumentLibrary(
  { name, channels, channelsWithContent = channels, duration, observation }: Library,
  store: AsyncLocalStorage<Context>,
  captureContent = false,
): void {
  const scope = `swansong/${name}`;
  const tracer = trace.getTracer(scope, VERSION);
  const meter = metrics.getMeter(scope, VERSION);
  const durations = duration === undefined ? undefined : meter.createHistogram(duration.name, duration);
  for (const channel of captureContent ? channelsWithContent : channels) {
    traceChannel(channel, { store, tracer, durations });
  }
  observation?.start(tracer, meter);
}

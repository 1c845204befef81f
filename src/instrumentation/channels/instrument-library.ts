import type { AsyncLocalStorage } from 'node:async_hooks';
import { type Context, type Histogram, metrics, trace } from '@opentelemetry/api';
import { VERSION } from '../../config/distribution.ts';
import type { Library } from './library.ts';
import { type Telemetry, traceChannel } from './trace-channel.ts';

/** Records what a library publishes; without it, or with a version that publishes nothing, this does nothing. */
export function instrumentLibrary(
  { name, channels, channelsWithContent = channels, duration, observation }: Library,
  store: AsyncLocalStorage<Context>,
  captureContent = false,
): void {
  const scope = `swansong/${name}`;
  const tracer = trace.getTracer(scope, VERSION);
  const meter = metrics.getMeter(scope, VERSION);
  let durations: Histogram | undefined;
  const telemetry: Telemetry = {
    store,
    tracer,
    // Created when it is needed: most applications have few of the libraries.
    get durations() {
      durations ??= duration === undefined ? undefined : meter.createHistogram(duration.name, duration);
      return durations;
    },
  };
  for (const channel of captureContent ? channelsWithContent : channels) traceChannel(channel, telemetry);
  observation?.start(tracer, meter);
}

import { measureBounds } from './bounds.ts';
import { leak } from './leak.ts';
import { measureLoad } from './load.ts';

/** How much the embedded collector takes, beside the OpenTelemetry Collector; and what it takes of memory. */
export async function collector(rounds = 3): Promise<void> {
  await measureLoad(rounds);
  await measureBounds();
  await leak();
}

import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace';
import type { SamplerConfig, SamplerName } from '../config/config.ts';

const SAMPLERS: Readonly<Record<SamplerName, (ratio: number) => Sampler>> = {
  always_on: () => new AlwaysOnSampler(),
  always_off: () => new AlwaysOffSampler(),
  traceidratio: (ratio) => new TraceIdRatioBasedSampler(ratio),
  parentbased_always_on: () => new ParentBasedSampler({ root: new AlwaysOnSampler() }),
  parentbased_always_off: () => new ParentBasedSampler({ root: new AlwaysOffSampler() }),
  parentbased_traceidratio: (ratio) => new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) }),
};

/** A parent's decision holds (specification, "ParentBased"). */
const ON: SamplerConfig = { name: 'always_on', ratio: 1 };
const OFF: SamplerConfig = { name: 'always_off', ratio: 1 };

export function createSampler({ name, ratio, parents }: SamplerConfig): Sampler {
  const sampler = SAMPLERS[name](ratio);
  if (parents === undefined) return sampler;
  return new ParentBasedSampler({
    // Used only for a span without a parent, for which a parent-based sampler uses its own root.
    root: sampler,
    remoteParentSampled: createSampler(parents.remoteParentSampled ?? ON),
    remoteParentNotSampled: createSampler(parents.remoteParentNotSampled ?? OFF),
    localParentSampled: createSampler(parents.localParentSampled ?? ON),
    localParentNotSampled: createSampler(parents.localParentNotSampled ?? OFF),
  });
}

import { expect, test } from 'vitest';
import type { SamplerConfig } from '../../../src/config/config.ts';
import { createSampler } from '../../../src/sdk/sampler.ts';

const ratio = (share: number): SamplerConfig => ({ name: 'traceidratio', ratio: share });

test.each<[SamplerConfig, string]>([
  [{ name: 'always_off', ratio: 1 }, 'AlwaysOffSampler'],
  [ratio(0.25), 'TraceIdRatioBased{0.25}'],
  [
    { name: 'parentbased_traceidratio', ratio: 0.5 },
    'ParentBased{root=TraceIdRatioBased{0.5}, remoteParentSampled=AlwaysOnSampler, remoteParentNotSampled=AlwaysOffSampler, localParentSampled=AlwaysOnSampler, localParentNotSampled=AlwaysOffSampler}',
  ],
])('%j', (config, text) => {
  expect(String(createSampler(config))).toBe(text);
});

test.each(['remoteParentSampled', 'remoteParentNotSampled', 'localParentSampled', 'localParentNotSampled'])(
  'who decides below a parent: %s, the others by their parent',
  (parent) => {
    const sampler = createSampler({ name: 'parentbased_always_on', ratio: 1, parents: { [parent]: ratio(0.1) } });
    // The root is parent-based itself, which changes nothing: it is asked where there is no parent.
    const parts = String(sampler)
      .split(/, (?=remote|local)/)
      .slice(-4);
    const expected = [
      'remoteParentSampled',
      'remoteParentNotSampled',
      'localParentSampled',
      'localParentNotSampled',
    ].map((name) => {
      const byParent = name.includes('Not') ? 'AlwaysOffSampler' : 'AlwaysOnSampler';
      return `${name}=${name === parent ? 'TraceIdRatioBased{0.1}' : byParent}`;
    });
    expect(parts.join(', ')).toBe(`${expected.join(', ')}}`);
  },
);

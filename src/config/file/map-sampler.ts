import type { SamplerConfig, SamplerName } from '../config.ts';
import type { Entry } from './entry.ts';
import { toRatio } from './values.ts';

/** The default of the specification. */
const DEFAULT: SamplerConfig = { name: 'parentbased_always_on', ratio: 1 };

const WITH_PARENT: Readonly<Record<SamplerName, SamplerName>> = {
  always_on: 'parentbased_always_on',
  always_off: 'parentbased_always_off',
  traceidratio: 'parentbased_traceidratio',
  parentbased_always_on: 'parentbased_always_on',
  parentbased_always_off: 'parentbased_always_off',
  parentbased_traceidratio: 'parentbased_traceidratio',
};

/** `sampler` of the tracer provider. An unsupported one is replaced by the default, with a warning. */
export function mapSampler(entry: Entry): SamplerConfig {
  return readSampler(entry, 'using parent_based with the root always_on') ?? DEFAULT;
}

function readSampler(entry: Entry, otherwise: string): SamplerConfig | undefined {
  const parentBased = entry.key('parent_based');
  const ratioBased = entry.key('trace_id_ratio_based');
  const alwaysOn = entry.key('always_on');
  const alwaysOff = entry.key('always_off');
  for (const other of entry.others()) other.warn(`this sampler is not supported, ${otherwise}`);
  if (parentBased.isPresent) return readParentBased(parentBased);
  if (ratioBased.isPresent) return { name: 'traceidratio', ratio: ratioBased.key('ratio').read(toRatio) ?? 1 };
  if (alwaysOn.isPresent) return { name: 'always_on', ratio: 1 };
  return alwaysOff.isPresent ? { name: 'always_off', ratio: 1 } : undefined;
}

function readParentBased(entry: Entry): SamplerConfig {
  const read = (key: string, fallback: string) => readSampler(entry.key(key), `using ${fallback}`);
  // If the root is parent-based itself, its own root decides about spans without a parent: `name` and `ratio` of that.
  const root = read('root', 'always_on') ?? { name: 'always_on', ratio: 1 };
  const parents = Object.fromEntries(
    (
      [
        ['remoteParentSampled', read('remote_parent_sampled', 'always_on')],
        ['remoteParentNotSampled', read('remote_parent_not_sampled', 'always_off')],
        ['localParentSampled', read('local_parent_sampled', 'always_on')],
        ['localParentNotSampled', read('local_parent_not_sampled', 'always_off')],
      ] as const
    ).filter(([, sampler]) => sampler !== undefined),
  );
  return {
    name: WITH_PARENT[root.name],
    ratio: root.ratio,
    ...(Object.keys(parents).length === 0 ? {} : { parents }),
  };
}

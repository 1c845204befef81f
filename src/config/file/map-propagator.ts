import type { PropagatorName } from '../config.ts';
import { splitList } from '../parse-list.ts';
import { quote } from '../show-value.ts';
import { variables } from '../variables.ts';
import type { Entry } from './entry.ts';
import { toText } from './values.ts';

const NAMES: readonly PropagatorName[] = variables.OTEL_PROPAGATORS.values;

/** `propagator`: those of `composite`, then those of `composite_list`. Without the key nothing is propagated. */
export function mapPropagators(entry: Entry): readonly PropagatorName[] {
  const names = new Set<PropagatorName>();
  for (const item of entry.key('composite').items()) {
    for (const name of NAMES) if (item.key(name).isPresent) names.add(name);
    for (const other of item.others()) other.warn('this propagator is not supported, ignoring it');
  }
  const list = entry.key('composite_list');
  for (const item of splitList(list.read(toText, quote) ?? '')) {
    const name = NAMES.find((candidate) => candidate === item);
    if (name !== undefined) names.add(name);
    else if (item !== 'none')
      list.warn(`expected a list of ${NAMES.join(', ')} (got ${quote(item)}), ignoring that one`);
  }
  return [...names];
}

import { type CanonicalMessage, type CanonicalValue, isMessage, listOf } from '../codec/canonical.ts';
import type { InvalidReason } from '../../self-metrics/invalid-reason.ts';
import type { ItemCounts } from './item-counts.ts';

/** Why an item is invalid; undefined if it is valid. The check may correct the item where OTLP is lenient. */
export type Check = (item: CanonicalMessage) => InvalidReason | undefined;

/** The messages of a request that contain the lists of items: its ScopeSpans, ScopeMetrics or ScopeLogs. */
export function* scopesOf(data: CanonicalMessage, resources: string, scopes: string): Generator<CanonicalMessage> {
  for (const resource of listOf(data, resources)) {
    if (!isMessage(resource)) continue;
    for (const scope of listOf(resource, scopes)) if (isMessage(scope)) yield scope;
  }
}

/** Counts the items of a list and removes the invalid ones. */
export function keepValid(owner: CanonicalMessage, field: string, check: Check, counts: ItemCounts): void {
  const list = listOf(owner, field);
  let kept: CanonicalValue[] | undefined;
  for (let index = 0; index < list.length; index++) {
    const item = list[index];
    if (item === undefined || !isMessage(item)) continue;
    counts.received += 1;
    const reason = check(item);
    if (reason === undefined) {
      kept?.push(item);
      continue;
    }
    counts.reject(reason);
    kept ??= list.slice(0, index);
  }
  if (kept !== undefined) setList(owner, field, kept);
}

/** Sets a list, or removes the field if the list is empty: the canonical form has no empty lists. */
export function setList(owner: CanonicalMessage, field: string, list: CanonicalValue[]): void {
  if (list.length > 0) owner[field] = list;
  else delete owner[field];
}

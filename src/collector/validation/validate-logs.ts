import type { InvalidReason } from '../../self-metrics/invalid-reason.ts';
import type { CanonicalMessage } from '../codec/canonical.ts';
import { removeInvalidIds } from './identifiers.ts';
import type { ItemCounts } from './item-counts.ts';
import { keepValid, scopesOf } from './validate-items.ts';

const HIGHEST_SEVERITY = 24;

/** logs.proto: invalid ids do not make a log record invalid; a missing observed time is set to the time of arrival. */
export function validateLogs(data: CanonicalMessage, counts: ItemCounts, nowNano: string): void {
  const check = (record: CanonicalMessage): InvalidReason | undefined => {
    const severity = record['severityNumber'];
    if (typeof severity === 'number' && (severity < 0 || severity > HIGHEST_SEVERITY)) return 'invalid_severity';
    removeInvalidIds(record);
    if (record['observedTimeUnixNano'] === undefined) setObserved(record, nowNano);
    return undefined;
  };
  for (const scope of scopesOf(data, 'resourceLogs', 'scopeLogs')) keepValid(scope, 'logRecords', check, counts);
}

/** Adds the field at its position in the order of keys: before `eventName`. */
function setObserved(record: CanonicalMessage, nowNano: string): void {
  const eventName = record['eventName'];
  delete record['eventName'];
  record['observedTimeUnixNano'] = nowNano;
  if (eventName !== undefined) record['eventName'] = eventName;
}

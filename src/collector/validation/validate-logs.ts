import type { InvalidReason } from '../../self-metrics/invalid-reason.ts';
import type { CanonicalMessage } from '../codec/canonical.ts';
import { leaveOutBadIds } from './identifiers.ts';
import type { ItemCounts } from './item-counts.ts';
import { keepGood, listsOf } from './validate-items.ts';

const HIGHEST_SEVERITY = 24;

/** logs.proto: ids that are none do not make a record invalid. The time it was observed must be set once it was. */
export function validateLogs(data: CanonicalMessage, counts: ItemCounts, nowNano: string): void {
  const check = (record: CanonicalMessage): InvalidReason | undefined => {
    const severity = record['severityNumber'];
    if (typeof severity === 'number' && (severity < 0 || severity > HIGHEST_SEVERITY)) return 'invalid_severity';
    leaveOutBadIds(record);
    if (record['observedTimeUnixNano'] === undefined) setObserved(record, nowNano);
    return undefined;
  };
  for (const scope of listsOf(data, 'resourceLogs', 'scopeLogs')) keepGood(scope, 'logRecords', check, counts);
}

/** In its place among the keys: before the name of the event. */
function setObserved(record: CanonicalMessage, nowNano: string): void {
  const eventName = record['eventName'];
  delete record['eventName'];
  record['observedTimeUnixNano'] = nowNano;
  if (eventName !== undefined) record['eventName'] = eventName;
}

import { planOf } from './message-plan.ts';
import type { MessageName } from './otlp-schema.ts';

/** The lists that lead to the items of a signal, from the outside in: for spans resourceSpans, scopeSpans, spans. */
export interface ListLevel {
  readonly name: string;
  readonly number: number;
}

const FIRST_LISTS: Partial<Readonly<Record<MessageName, readonly string[]>>> = {
  TracesData: ['resourceSpans', 'scopeSpans', 'spans'],
  MetricsData: ['resourceMetrics', 'scopeMetrics', 'metrics'],
  LogsData: ['resourceLogs', 'scopeLogs', 'logRecords'],
};

export function listLevels(message: MessageName): readonly ListLevel[] {
  let plan = planOf(message);
  return (FIRST_LISTS[message] ?? []).map((name) => {
    const field = plan.fields.find((candidate) => candidate.name === name);
    if (field === undefined || field.kind !== 'message') throw new TypeError(`${plan.name} has no list ${name}`);
    plan = field.message;
    return { name, number: field.number };
  });
}

import { inspect } from 'node:util';
import type { Backend } from './backend.ts';
import type { ReceivedSpan, Value } from './received-telemetry.ts';
import type { FixtureResult } from './run-fixture.ts';

/** For what is expected to be delivered at the end: a worker may be slow to start where a machine is busy. */
export const PATIENT = { SWANSONG_EXIT_TIMEOUT: '15000', SWANSONG_SHUTDOWN_TIMEOUT: '15000' } as const;

const STATUS = ['unset', 'ok', 'error'];
const KIND: Readonly<Record<number, string>> = { 1: 'internal', 2: 'server', 3: 'client' };

const text = (value: Value | undefined): string => (typeof value === 'string' ? value : inspect(value));

function describeSpan({ name, kind, status, events, attributes }: ReceivedSpan): string {
  return [
    `${name} (${KIND[kind]})`,
    STATUS[status.code],
    ...events.map((event) => `${event.name}: ${text(event.attributes['exception.message'])}`),
    ...(attributes['swansong.span.interrupted'] === true ? ['interrupted'] : []),
  ].join(', ');
}

export interface OwnNodeSdkReceived {
  readonly spans: readonly string[];
  readonly records: readonly string[];
  readonly services: readonly (Value | undefined)[];
  readonly authorizations: readonly (string | undefined)[];
}

/** What was acknowledged, one line for a span or a log record, in the order of these lines. */
export function received(backend: Backend): OwnNodeSdkReceived {
  const spans = backend.acknowledgedSpans();
  const records = backend.acknowledgedLogRecords();
  const nameOf = new Map(spans.map(({ spanId, name }) => [spanId, name]));
  return {
    spans: sorted(spans.map(describeSpan)),
    records: sorted(
      records.map(({ eventName, body, severityText, spanId }) => {
        if (eventName !== 'exception') return eventName === '' ? text(body) : eventName;
        return `${severityText} ${text(body)} on ${nameOf.get(spanId) ?? 'no span'}`;
      }),
    ),
    services: [...new Set([...spans, ...records].map(({ resource }) => resource['service.name']))],
    authorizations: [...new Set(backend.requests.map(({ headers }) => headers.authorization))],
  };
}

export function sorted(lines: readonly string[]): string[] {
  return lines.toSorted((a, b) => (a < b ? -1 : 1));
}

/** Signal, content type and encoding of the requests that came. */
export function contentTypes(backend: Backend): string[] {
  const types = backend.requests.map(({ signal, contentType, encoding }) => `${signal}: ${contentType} ${encoding}`);
  return sorted([...new Set(types)]);
}

/** Node prints where an error was thrown; that is checked elsewhere. */
export function withoutStack({ stderr, ...end }: FixtureResult): Omit<FixtureResult, 'stderr'> & {
  readonly stderr: readonly string[];
} {
  return {
    ...end,
    stderr: stderr.split('\n').filter((line) => line.startsWith('Error: ') || line.startsWith('swansong')),
  };
}

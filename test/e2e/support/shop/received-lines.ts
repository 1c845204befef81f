import type { Backend } from '../../../support/backend.ts';
import type { ReceivedSpan } from '../../../support/received-telemetry.ts';

const KINDS = ['', 'internal', 'server', 'client', 'producer', 'consumer'];
const STATUS = ['', ' ok', ' error'];

/** What is different in each run, by its attribute. */
const CHANGING = new Set(['client.port', 'network.peer.port', 'user_agent.original']);

const asString = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

type Names = ReadonlyMap<number, string>;

/** Attributes as `key=value`, in their order by name; ports by what listens there. */
function attributesOf(attributes: Readonly<Record<string, unknown>>, ports: Names): string {
  const named = (text: string): string =>
    [...ports].reduce((all, [port, name]) => all.replaceAll(String(port), name), text);
  return Object.entries(attributes)
    .filter(([key]) => !CHANGING.has(key))
    .map(([key, value]) => `${key}=${named(asString(value))}`)
    .toSorted()
    .join(' ');
}

/** A line for each span below a parent, in the order in which they started: `kind name | attributes | status events`. */
function linesBelow(parent: string, depth: number, spans: readonly ReceivedSpan[], ports: Names): string[] {
  return spans
    .filter(({ parentSpanId }) => parentSpanId === parent)
    .toSorted((one, other) => Number(one.startTimeUnixNano - other.startTimeUnixNano))
    .flatMap(({ name, kind, attributes, status, events, spanId }) => [
      [
        `${'  '.repeat(depth)}${KINDS[kind] ?? kind} ${name}`,
        attributesOf(attributes, ports),
        ...(status.code === 0 && events.length === 0
          ? []
          : [
              `${(STATUS[status.code] ?? '').trim()} ${status.message ?? ''}`.trim(),
              ...events.map((event) => `${event.name}: ${asString(event.attributes['exception.message'])}`),
            ]),
      ].join(' | '),
      ...linesBelow(spanId, depth + 1, spans, ports),
    ]);
}

/** Traces as trees, in the order in which they began. */
export function spanLines(backend: Backend, ports: Names): string[] {
  const spans = backend.spans();
  const known = new Set(spans.map(({ spanId }) => spanId));
  const lost = spans.filter(({ parentSpanId }) => parentSpanId !== '' && !known.has(parentSpanId));
  return [...linesBelow('', 0, spans, ports), ...lost.map(({ name }) => `without its parent: ${name}`)];
}

/** Each log record with the name of its span; without those about the life of the process. */
export function logLines(backend: Backend, ports: Names): string[] {
  const names = new Map(backend.spans().map(({ spanId, name }) => [spanId, name]));
  return backend
    .logRecords()
    .filter(({ eventName }) => eventName === '' || eventName === 'exception')
    .map(({ severityText, eventName, body, attributes, spanId }) => {
      const { 'exception.stacktrace': _stack, ...rest } = attributes;
      const said = eventName === '' ? JSON.stringify(body) : eventName;
      return `${severityText} ${said} in ${names.get(spanId) ?? 'no span'} | ${attributesOf(rest, ports)}`;
    })
    .toSorted();
}

/** Each series of the durations, and how often it was measured. */
export function durationLines(backend: Backend, ports: Names): string[] {
  return backend
    .metrics()
    .filter(({ name }) => name.endsWith('.duration'))
    .map(({ name, attributes, count }) => `${name} ${String(count)} | ${attributesOf(attributes, ports)}`)
    .toSorted();
}

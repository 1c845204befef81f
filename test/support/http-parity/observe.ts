import type { Backend } from '../backend.ts';
import type { Value } from '../received-telemetry.ts';
import { runFixture } from '../run-fixture.ts';

/** What both sides say about one thing, by field: an attribute's name, or `name`, `status`, `parent`, `events`, `scope`. */
export type Fields = Readonly<Record<string, string>>;

/** All that is known of one case: what the application saw, and the spans and data points, in the order they began. */
export interface Observed {
  readonly application: readonly Fields[];
  readonly 'client span': readonly Fields[];
  readonly 'server span': readonly Fields[];
  readonly 'client metric': readonly Fields[];
  readonly 'server metric': readonly Fields[];
}

export type Signal = keyof Observed;
export const SIGNALS = ['application', 'client span', 'server span', 'client metric', 'server metric'] as const;

export interface Side {
  readonly preload: 'none' | 'import';
  readonly nodeArguments?: readonly string[];
}

const INTERNAL = 1;
const SERVER = 2;
const CLIENT = 3;
const KIND_NAMES = new Map([
  [INTERNAL, 'case'],
  [SERVER, 'server'],
  [CLIENT, 'client'],
]);

interface Names {
  readonly ports: ReadonlyMap<number, string>;
  readonly socketPath: string;
}

/** Runs all cases once and returns what was observed, by case. */
export async function observe(backend: Backend, side: Side): Promise<ReadonlyMap<string, Observed>> {
  const result = await runFixture({
    program: 'http-parity/program.cjs',
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: backend.url,
      OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'delta',
      OTEL_LOGS_EXPORTER: 'none',
      OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'http',
    },
    ...side,
  });
  if (result.code !== 0 || result.stderr !== '') throw new Error(`the program failed: ${JSON.stringify(result)}`);
  const [head = '', ...lines] = result.stdout.trimEnd().split('\n');
  const names = namesOf(JSON.parse(head));
  return new Map(
    lines.map((line) => {
      const { name, outcome } = outcomeOf(JSON.parse(line));
      return [
        name,
        { application: [outcome].flat().map((one) => fieldsOf(one, names)), ...telemetryOf(backend, name, names) },
      ];
    }),
  );
}

function telemetryOf(backend: Backend, name: string, names: Names): Omit<Observed, 'application'> {
  const spans = backend.spans().toSorted((a, b) => Number(a.startTimeUnixNano - b.startTimeUnixNano));
  const starts = spans.filter(({ scope }) => scope.name === 'cases');
  const own = starts.find((span) => span.name === name);
  if (own === undefined) throw new Error(`no span of the case ${name}`);
  const end = starts[starts.indexOf(own) + 1]?.startTimeUnixNano ?? Infinity;
  const isWithin = (time: bigint): boolean => time >= own.startTimeUnixNano && time < end;
  const within = spans.filter((span) => isWithin(span.startTimeUnixNano));
  const byId = new Map(within.map((span) => [span.spanId, span]));
  const spansOf = (kind: number): Fields[] =>
    within
      .filter((span) => span.kind === kind)
      .map((span) => ({
        name: span.name,
        scope: span.scope.name,
        status: `${['unset', 'ok', 'error'][span.status.code]} ${rename(span.status.message, names)}`.trim(),
        parent: parentOf(span.parentSpanId, byId),
        events: span.events
          .map((event) => `${event.name} (${Object.keys(event.attributes).toSorted().join(', ')})`)
          .join(', '),
        links: String(span.links.length),
        ...attributesOf(span.attributes, names),
      }));
  const metricsOf = (metric: string): Fields[] =>
    backend
      .metrics()
      .filter((point) => point.name === metric && isWithin(point.timeUnixNano))
      .map((point) => ({
        scope: point.scope.name,
        description: point.description,
        unit: point.unit,
        kind: `${point.kind} ${point.temporality}`,
        bounds: point.explicitBounds.join(' '),
        count: String(point.count),
        'count of the buckets': String(point.bucketCounts.reduce((sum, count) => sum + count, 0)),
        ...attributesOf(point.attributes, names),
      }));
  return {
    'client span': spansOf(CLIENT),
    'server span': spansOf(SERVER),
    'client metric': metricsOf('http.client.request.duration'),
    'server metric': metricsOf('http.server.request.duration'),
  };
}

function parentOf(parentSpanId: string, byId: ReadonlyMap<string, { readonly kind: number }>): string {
  if (parentSpanId === '') return 'none';
  return KIND_NAMES.get(byId.get(parentSpanId)?.kind ?? 0) ?? 'remote';
}

function attributesOf(attributes: Readonly<Record<string, Value>>, names: Names): Fields {
  return Object.fromEntries(
    Object.entries(attributes).map(([key, value]) => [
      key,
      key.endsWith('.port') && typeof value === 'number'
        ? portName(value, names)
        : rename(typeof value === 'string' ? value : JSON.stringify(value), names),
    ]),
  );
}

/** A high port that is no server's is the client's, and another one each time. */
function portName(port: number, { ports }: Names): string {
  const name = ports.get(port);
  if (name !== undefined) return `{${name}}`;
  return port < 10_000 ? String(port) : '{client}';
}

function fieldsOf(outcome: object, names: Names): Fields {
  return Object.fromEntries(
    Object.entries(outcome).map(([key, value]) => [
      key,
      rename(typeof value === 'string' ? value : JSON.stringify(value), names),
    ]),
  );
}

/** Ports and paths are others in each run. */
function rename(text: string, { ports, socketPath }: Names): string {
  const named = text.replaceAll(socketPath, '{socket}');
  return named.replaceAll(/:(\d{4,5})(?!\d)/g, (found, port: string) => {
    const name = ports.get(Number(port));
    return name === undefined ? found : `:{${name}}`;
  });
}

function namesOf(head: unknown): Names {
  if (!isRecord(head) || !isRecord(head['ports']) || typeof head['socketPath'] !== 'string') {
    throw new Error(`expected ports (got ${JSON.stringify(head)})`);
  }
  const ports = Object.entries(head['ports']).map(([name, port]): [number, string] => [Number(port), name]);
  return { ports: new Map(ports), socketPath: head['socketPath'] };
}

function outcomeOf(line: unknown): { readonly name: string; readonly outcome: object } {
  if (
    !isRecord(line) ||
    typeof line['name'] !== 'string' ||
    typeof line['outcome'] !== 'object' ||
    line['outcome'] === null
  ) {
    throw new Error(`expected an outcome (got ${JSON.stringify(line)})`);
  }
  return { name: line['name'], outcome: line['outcome'] };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

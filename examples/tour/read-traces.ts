import { attributeOf, type OtlpFiles } from './otlp-files.ts';

const SERVER = 2;
const CLIENT = 3;
const ERROR = 2;

/** A span, prepared for display. */
export interface Span {
  readonly id: string;
  readonly service: string;
  /** `POST /checkout` for a request it answered, `calls GET /stock/coffee` for one it sent. */
  readonly action: string;
  /** The HTTP status; empty if there was no response. */
  readonly status: string;
  readonly failed: boolean;
  /** Whether its process ended before it did. */
  readonly interrupted: boolean;
  /** Milliseconds from the start of the trace. */
  readonly startMillis: number;
  readonly durationMillis: number;
  readonly children: readonly Span[];
}

/** One request, with everything it caused. */
export interface Trace {
  readonly id: string;
  readonly root: Span;
  /** The spans, each before its children. */
  readonly spans: readonly Span[];
  /** Each service once, in the order in which the request reached it. */
  readonly services: readonly string[];
}

type ArrivedSpan = OtlpFiles['spans'][number];

/** The traces whose first span has arrived, oldest first. */
export function readTraces({ spans }: OtlpFiles): Trace[] {
  const childrenOf = Map.groupBy(spans, ({ parentSpanId }) => parentSpanId ?? '');
  const roots = childrenOf.get('') ?? [];
  return roots.toSorted(byStart).map((root) => {
    const tree = toTree(root, root, childrenOf);
    const flat = withDescendants(tree);
    return { id: root.traceId, root: tree, spans: flat, services: [...new Set(flat.map(({ service }) => service))] };
  });
}

function toTree(span: ArrivedSpan, root: ArrivedSpan, childrenOf: ReadonlyMap<string, readonly ArrivedSpan[]>): Span {
  const start = BigInt(span.startTimeUnixNano);
  return {
    id: span.spanId,
    service: span.service,
    action: actionOf(span),
    status: attributeOf(span.attributes, 'http.response.status_code') ?? '',
    failed: span.status?.code === ERROR,
    interrupted: attributeOf(span.attributes, 'swansong.span.interrupted') === 'true',
    startMillis: toMillis(start - BigInt(root.startTimeUnixNano)),
    durationMillis: toMillis(BigInt(span.endTimeUnixNano) - start),
    children: (childrenOf.get(span.spanId) ?? []).toSorted(byStart).map((child) => toTree(child, root, childrenOf)),
  };
}

function withDescendants(span: Span): Span[] {
  return [span, ...span.children.flatMap(withDescendants)];
}

/** OpenTelemetry omits paths from span names, since backends group by name; here they are shown. */
function actionOf({ name, kind, attributes }: ArrivedSpan): string {
  const path = attributeOf(attributes, 'url.path');
  const url = attributeOf(attributes, 'url.full');
  if (kind === SERVER && path !== undefined) return `${name} ${path}`;
  if (kind === CLIENT && url !== undefined) return `calls ${name} ${new URL(url).pathname}`;
  return name;
}

function byStart(one: ArrivedSpan, other: ArrivedSpan): number {
  return Number(BigInt(one.startTimeUnixNano) - BigInt(other.startTimeUnixNano));
}

function toMillis(nanos: bigint): number {
  return Number(nanos) / 1e6;
}

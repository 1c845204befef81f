import type { ReceivedSpan } from '../../test/support/received-telemetry.ts';
import type { Receiver } from './receiver.ts';

/** What somebody sees of the application's ten requests. */
export interface Shown {
  readonly spans: number;
  /** Requests of the shop, and of these with a route. One is a 404, which has none. */
  readonly requests: number;
  readonly routes: number;
  /** Queries and commands below a request. */
  readonly queries: number;
  readonly graphql: number;
  /** Spans of middleware, hooks and handlers. */
  readonly layers: number;
  /** Spans of connecting: to databases, TCP, DNS. */
  readonly connecting: number;
  /** Traces that do not begin with a request. */
  readonly otherTraces: number;
  /** Log records of the application, and of these in the trace of a request. */
  readonly logRecords: number;
  readonly logRecordsInRequests: number;
  /** Whether the exception of the failed request is on the request's own span, and told in a log record. */
  readonly errorOnRequest: boolean;
  readonly errorRecord: boolean;
  /** Series of `http.server.request.duration` with a route. */
  readonly routeSeries: number;
  readonly databaseDurations: boolean;
}

const SERVER = 2;
const FAILED_PATH = '/boom/7';

export function whatIsShown({ spans, logRecords, metrics }: Receiver): Shown {
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  const above = (span: ReceivedSpan): ReceivedSpan | undefined => byId.get(span.parentSpanId);
  const isRequest = ({ kind, attributes }: ReceivedSpan): boolean => kind === SERVER && 'url.path' in attributes;
  const isBelowRequest = (span: ReceivedSpan): boolean => {
    const parent = above(span);
    return parent !== undefined && (isRequest(parent) || isBelowRequest(parent));
  };
  const has = (prefix: string) => (span: ReceivedSpan) =>
    Object.keys(span.attributes).some((key) => key.startsWith(prefix));
  const requests = spans.filter((span) => isRequest(span) && above(span) === undefined);
  const traces = new Set(requests.map(({ traceId }) => traceId));
  const isConnecting = ({ name, scope }: ReceivedSpan): boolean =>
    /instrumentation-(?:net|dns)$/.test(scope.name) || /connect\b/i.test(name);
  const isDatabase = (span: ReceivedSpan): boolean => has('db.')(span) && !isConnecting(span);
  const failed = requests.find(({ attributes }) => attributes['url.path'] === FAILED_PATH);
  const lines = logRecords.filter(({ eventName, attributes }) => eventName === '' && !('exception.type' in attributes));
  const series = new Set(
    metrics
      .filter(({ name }) => name === 'http.server.request.duration')
      .flatMap(({ attributes }) => ('http.route' in attributes ? [JSON.stringify(attributes['http.route'])] : [])),
  );
  return {
    spans: spans.length,
    requests: requests.length,
    routes: requests.filter(({ attributes }) => 'http.route' in attributes).length,
    queries: spans.filter((span) => isDatabase(span) && isBelowRequest(span)).length,
    graphql: spans.filter(has('graphql.')).length,
    layers: spans.filter(({ scope }) => /instrumentation-(?:express|router|fastify)$|@fastify\/otel/.test(scope.name))
      .length,
    connecting: spans.filter(isConnecting).length,
    otherTraces: new Set(spans.filter(({ traceId }) => !traces.has(traceId)).map(({ traceId }) => traceId)).size,
    logRecords: lines.length,
    logRecordsInRequests: lines.filter(({ traceId }) => traces.has(traceId)).length,
    errorOnRequest: failed?.events.some(({ name }) => name === 'exception') === true,
    errorRecord: logRecords.some(
      ({ attributes, traceId }) => 'exception.type' in attributes && traceId === failed?.traceId,
    ),
    routeSeries: series.size,
    databaseDurations: metrics.some(({ name }) => name === 'db.client.operation.duration'),
  };
}

/** Of requests at a time that share one connection: where their queries, and the calls made after them, are. */
export interface Placed {
  readonly all: number;
  /** In another request's trace. */
  readonly wrong: number;
  /** In no request's. */
  readonly alone: number;
}

export function placesOf({ spans }: Receiver): Placed {
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  const pathOf = (span: ReceivedSpan | undefined): unknown => {
    if (span === undefined) return undefined;
    return span.kind === SERVER ? span.attributes['url.path'] : pathOf(byId.get(span.parentSpanId));
  };
  const told = spans.flatMap((span) => {
    if (span.kind === SERVER) return [];
    const said = JSON.stringify([span.attributes['url.full'], span.attributes['db.query.text']]);
    const request = /(?:\/of\/| as r)(\d+)/.exec(said)?.[1];
    return request === undefined ? [] : [{ path: pathOf(span), own: `/${request}` }];
  });
  return {
    all: told.length,
    wrong: told.filter(({ path, own }) => path !== undefined && path !== own).length,
    alone: told.filter(({ path }) => path === undefined).length,
  };
}

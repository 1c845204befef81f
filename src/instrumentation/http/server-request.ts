import type { IncomingHttpHeaders } from 'node:http';
import {
  type Attributes,
  type Context,
  context,
  type Histogram,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
} from '@opentelemetry/api';
import { getRPCMetadata, isTracingSuppressed, RPCType } from '@opentelemetry/core';
import { monotonicMillis } from '../../clock/clock.ts';
import { httpScheme, parseRequestTarget } from '../../request/request-target.ts';
import { isClientError } from '../../errors/client-error.ts';
import type { AnsweredErrors } from '../../errors/answered-errors.ts';
import { read, readText } from '../../values/read.ts';
import { linkRequest, type ServedRequest } from '../routes/request-route.ts';
import { readForwarded } from './forwarded.ts';
import { parseHostAndPort } from './host-and-port.ts';
import { type MethodAttributes, methodAttributes, methodName } from './http-method.ts';
import { seriesAttributes } from '../series-attributes.ts';
import { redactQuery } from './redact-query.ts';
import { RequestContext } from './request-context.ts';

/** The RPC metadata of `@opentelemetry/core`, into which instrumentations of frameworks write the route. */
interface RpcMetadata {
  type: RPCType.HTTP;
  span: Span;
  route?: string;
}

/** A request as it was received, of any version of HTTP. */
export interface ReceivedRequest {
  readonly method: string;
  readonly target: string;
  /** Of the connection. */
  readonly scheme: 'http' | 'https';
  /** What the client asked for: the Host header, or `:authority`. */
  readonly host: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly peer: { readonly remoteAddress?: unknown; readonly remotePort?: unknown } | undefined;
  readonly protocolVersion: string;
}

/** What the requests of a server are recorded with. */
export interface ServerTelemetry {
  readonly tracer: Tracer;
  readonly durations: Histogram;
  /** Undefined: errors that a framework answers are not recorded. */
  readonly errors: AnsweredErrors | undefined;
}

/** How a request has ended. */
interface Outcome {
  /** Undefined if no headers were sent because the client disconnected first. */
  readonly status: number | undefined;
  /** Whether the whole answer was sent. */
  readonly isComplete: boolean;
  /** How it failed otherwise, if the status is no error. */
  readonly errorType?: string | undefined;
  /** The route, where the framework has not said it before. */
  readonly route?: string | undefined;
}

/** Starts the span of a request; undefined where tracing is suppressed. */
export function startServerRequest(request: ReceivedRequest, telemetry: ServerTelemetry): ServerRequest | undefined {
  // Not the active context: on a kept-alive connection that may be the context of the previous request.
  const remote = propagation.extract(ROOT_CONTEXT, request.headers);
  return isTracingSuppressed(remote) ? undefined : new ServerRequest(request, remote, telemetry);
}

/** A request that is being served. */
class ServerRequest implements ServedRequest {
  readonly headers: IncomingHttpHeaders;
  readonly #startedAt = monotonicMillis();
  readonly #telemetry: ServerTelemetry;
  readonly #name: string;
  readonly #rpc: RpcMetadata;
  readonly #context: Context;
  readonly #metricAttributes: Attributes;
  /** As a framework has said it. */
  #route: string | undefined;
  /** Undefined until it has ended. */
  #hasFailed: boolean | undefined;

  constructor(request: ReceivedRequest, remote: Context, telemetry: ServerTelemetry) {
    const method = methodAttributes(request.method);
    const attributes = requestAttributes(request, method);
    this.headers = request.headers;
    this.#telemetry = telemetry;
    this.#name = methodName(method);
    this.#metricAttributes = {
      'http.request.method': method['http.request.method'],
      'url.scheme': attributes['url.scheme'],
      'network.protocol.version': request.protocolVersion,
    };
    const span = telemetry.tracer.startSpan(this.#name, { kind: SpanKind.SERVER, attributes }, remote);
    this.#rpc = { type: RPCType.HTTP, span };
    linkRequest(this.#rpc, this);
    this.#context = new RequestContext(remote, span, this.#rpc);
  }

  get route(): string | undefined {
    return this.#rpc.route ?? this.#route;
  }

  /** On the span at once, for a process that ends before the request does. */
  setRoute(route: string): void {
    if (route === this.#route) return;
    this.#describeRoute(route);
    this.#route = route;
  }

  answerError(error: unknown): void {
    const { errors } = this.#telemetry;
    if (errors === undefined || isClientError(error)) return;
    errors.add(this, error, this.#context);
    // A handler that goes on after its client has gone.
    if (this.#hasFailed !== undefined) errors.settle(this, this.#hasFailed);
  }

  /** Makes what follows in this turn run in the context of the request. */
  attach(): void {
    context.attach(this.#context);
  }

  /**
   * Makes listeners run in the context of their request: Node emits later chunks of a body (since Node 24; of HTTP/2 all), and the
   * events that the end of a connection causes, in the context of the connection. A context that was derived from the request's is
   * kept: `end()` and other methods emit synchronously within code of the application.
   */
  enter(): void {
    const active = context.active();
    if (active !== this.#context && getRPCMetadata(active) !== this.#rpc) this.attach();
  }

  end({ status, isComplete, errorType, route }: Outcome): void {
    const { span } = this.#rpc;
    this.#hasFailed = status === undefined || status >= 500 || !isComplete;
    this.#telemetry.errors?.settle(this, this.#hasFailed);
    const named = this.#describeRoute(this.route ?? route);
    const outcome = responseAttributes(status, named);
    if (errorType !== undefined) outcome['error.type'] ??= errorType;
    describeOutcome(span, outcome);
    span.end();
    const seconds = (monotonicMillis() - this.#startedAt) / 1000;
    this.#telemetry.durations.record(
      seconds,
      seriesAttributes({ ...this.#metricAttributes, ...outcome }),
      this.#context,
    );
  }

  /**
   * Puts the route on the span, but for a name and an attribute that the application has set.
   * @returns the route that counts
   */
  #describeRoute(route: string | undefined): string | undefined {
    const { span } = this.#rpc;
    const present = readText(read(span, 'attributes'), 'http.route');
    const named = present !== undefined && present !== this.#route ? present : route;
    if (named === undefined || !span.isRecording()) return named;
    if (named !== present) span.setAttribute('http.route', named);
    // Undefined: a span of another SDK, which does not show its name.
    const name = readText(span, 'name');
    if (name === undefined || name === this.#name || name === this.#nameWith(this.#route)) {
      span.updateName(this.#nameWith(named));
    }
    return named;
  }

  #nameWith(route: string | undefined): string {
    return route === undefined ? this.#name : `${this.#name} ${route}`;
  }
}

function requestAttributes(request: ReceivedRequest, method: MethodAttributes): Attributes {
  const { headers, peer, protocolVersion } = request;
  const forwarded = readForwarded(headers);
  const target = parseRequestTarget(request.method, request.target);
  // RFC 9112, section 3.2.2: a target in absolute form overrides the Host header.
  const server = forwarded.host ?? parseHostAndPort(target.authority ?? request.host ?? '');
  const attributes: Attributes = {
    ...method,
    'url.scheme': forwarded.scheme ?? httpScheme(target.scheme) ?? request.scheme,
    'url.path': target.path,
    'network.protocol.version': protocolVersion,
  };
  const address = peer?.remoteAddress;
  const port = peer?.remotePort;
  if (target.query !== undefined && target.query !== '') attributes['url.query'] = redactQuery(target.query);
  if (server !== undefined) attributes['server.address'] = server.host;
  if (server?.port !== undefined) attributes['server.port'] = server.port;
  if (typeof address === 'string') attributes['network.peer.address'] = address;
  if (typeof port === 'number') attributes['network.peer.port'] = port;
  const client = forwarded.client ?? (typeof address === 'string' ? address : undefined);
  if (client !== undefined) attributes['client.address'] = client;
  if (headers['user-agent'] !== undefined) attributes['user_agent.original'] = headers['user-agent'];
  return attributes;
}

function responseAttributes(statusCode: number | undefined, route: string | undefined): Attributes {
  const attributes: Attributes = {};
  if (statusCode !== undefined) {
    attributes['http.response.status_code'] = statusCode;
    if (statusCode >= 500) attributes['error.type'] = String(statusCode);
  }
  if (route !== undefined) attributes['http.route'] = route;
  return attributes;
}

/** Adds what is known at the end to the span, and what the span knows of an error to `outcome`. */
function describeOutcome(span: Span, outcome: Attributes): void {
  if (!span.isRecording()) return;
  // An error that was recorded on the span is more specific than the status code of the response.
  const recorded = recordedErrorType(span);
  if (recorded !== undefined) outcome['error.type'] = recorded;
  else if (outcome['error.type'] !== undefined) span.setStatus({ code: SpanStatusCode.ERROR });
  span.setAttributes(outcome);
}

/** Undefined for the API's own spans, which have no `attributes`. */
function recordedErrorType(span: Span): string | undefined {
  const type = read(read(span, 'attributes'), 'error.type');
  return typeof type === 'string' ? type : undefined;
}

import { type Context, context, diag } from '@opentelemetry/api';
import { getRPCMetadata, setRPCMetadata } from '@opentelemetry/core';
import { isObject } from '../../values/is-object.ts';
import { read } from '../../values/read.ts';

/** A request while it is served: what the instrumentations of frameworks tell of it. */
export interface ServedRequest {
  /** As Node has received them. */
  readonly headers: object;
  /** As far as it is known. */
  readonly route: string | undefined;
  /**
   * The route is known: a template of low cardinality (`/orders/:id`). The last one counts. A route or a name that the application
   * gives the span itself wins.
   */
  setRoute(route: string): void;
  /**
   * The framework is about to answer an error. It is recorded when the response has been sent, if that has a status from 500 on or was cut
   * off, but not if the error itself says that it is the client's (a `status` of 4xx). The last error of a request counts. After that it is
   * recorded at once, by the same rule.
   */
  answerError(error: unknown): void;
}

/** Its constructor returns its argument, so that a subclass adds its private fields to that object. */
class ReturnsArgument {
  constructor(object: object) {
    return object;
  }
}

/** An object with a private field, invisible to other code, that leads to the request it stands for. */
class Linked extends ReturnsArgument {
  #served: ServedRequest;

  constructor(object: object, served: ServedRequest) {
    super(object);
    this.#served = served;
  }

  static of(object: object): ServedRequest | undefined {
    return #served in object ? object.#served : undefined;
  }
}

/**
 * @param standsFor what will be asked for: the `IncomingMessage`, the stream of HTTP/2, the RPC metadata of the context; each at most once
 */
export function linkRequest(standsFor: object, served: ServedRequest): void {
  Reflect.construct(Linked, [standsFor, served]);
}

/**
 * The request that an object of Node or the active context stands for; undefined where it has no span of ours.
 * @param request an `IncomingMessage` or `Http2ServerRequest`. Default: that of the active context
 */
export function servedRequest(request?: unknown): ServedRequest | undefined {
  if (request === undefined) {
    const rpc = getRPCMetadata(context.active());
    return rpc === undefined ? undefined : Linked.of(rpc);
  }
  if (!isObject(request)) return undefined;
  const served = Linked.of(request);
  if (served !== undefined) return served;
  // The compatibility API of HTTP/2 makes the request from the stream.
  const stream = read(request, 'stream');
  return isObject(stream) ? Linked.of(stream) : undefined;
}

/**
 * What is extracted from the headers of the request that is being served belongs to that request: Next.js serves what comes behind its
 * proxy in such a context, derived from the root context.
 * @returns `extracted`, with the RPC metadata of the active context if the request there has these headers
 */
export function keepRequest(extracted: Context, headers: unknown): Context {
  const rpc = getRPCMetadata(context.active());
  if (rpc === undefined || Linked.of(rpc)?.headers !== headers) return extracted;
  return getRPCMetadata(extracted) === undefined ? setRPCMetadata(extracted, rpc) : extracted;
}

/**
 * Sets the route of a request. Where its span is not ours but that of another instrumentation of HTTP, that one gets it by the RPC
 * metadata of the active context.
 * @param request as for `servedRequest`
 */
export function setRoute(route: string, request?: unknown): void {
  const served = servedRequest(request);
  if (served !== undefined) return served.setRoute(route);
  const rpc = getRPCMetadata(context.active());
  if (rpc !== undefined && Linked.of(rpc) === undefined) rpc.route ??= route;
}

/** Finds the route when the response is there, in what the framework has left on the request. */
export type RouteFinder = (request: object) => string | undefined;

const finders: RouteFinder[] = [];

/** For frameworks that do not say which route they have found. Called for each request without a route, before its span ends. */
export function addRouteFinder(finder: RouteFinder): void {
  finders.push(finder);
}

export function findRoute(request: object): string | undefined {
  for (const finder of finders) {
    try {
      const route = finder(request);
      if (route !== undefined) return route;
    } catch (error) {
      diag.error('the route of a request could not be found', error);
    }
  }
  return undefined;
}

/**
 * Records errors of request handlers on the span of the request, as an `exception` event and status ERROR, and as an `exception`
 * log record. Each handler passes the error on unchanged, so application and framework respond as they would without it.
 *
 * Frameworks answer an error whose `status` (or else `statusCode`) is 400 to 499 with that status. Such an error is caused by the
 * client and is not recorded: the status of a server span stays unset for 4xx (semantic conventions for HTTP spans).
 */

import { isClientError } from './errors/client-error.ts';
import { type Recovered, recoverAndReport } from './errors/recover.ts';
import { findRunningSdk } from './sdk/running-sdk.ts';

/**
 * Wraps a request listener of `node:http` (or any other function): what it throws, or what its promise rejects with, is
 * recorded and thrown again: synchronously, or as the rejection of the returned promise.
 *
 * No framework turns an error of such a listener into a 4xx response, so an error with a `status` of 4xx is recorded too.
 *
 * @example
 * createServer(recoverHandler(async (request, response) => { … })).listen(8080);
 */
export function recoverHandler<This, Parameters extends unknown[], Result>(
  listener: (this: This, ...parameters: Parameters) => Result,
): (this: This, ...parameters: Parameters) => Recovered<Result> {
  return function recovered(this: This, ...parameters: Parameters): Recovered<Result> {
    return recoverAndReport(() => listener.apply(this, parameters), report);
  };
}

/** An Express error handler: Express recognises it by its four parameters. */
export type ExpressErrorHandler = (
  error: unknown,
  request: unknown,
  response: unknown,
  next: (error?: unknown) => void,
) => void;

/**
 * An error handler for Express: after the routes, before the application's own error handlers.
 *
 * @example
 * app.use(routes);
 * app.use(expressErrorHandler());
 * app.use((error, request, response, next) => response.status(500).json({ error: 'sorry' }));
 */
export function expressErrorHandler(): ExpressErrorHandler {
  return (error, _request, _response, next) => {
    reportUnlessClientError(error);
    next(error);
  };
}

/** What `fastifyPlugin` needs of a Fastify instance. */
export interface FastifyLike {
  addHook(name: 'onError', hook: (request: unknown, reply: unknown, error: unknown, done: () => void) => void): unknown;
}

/**
 * A Fastify plugin: records the errors of all routes of the instance it is registered on, and of the plugins registered after
 * it, before the error handler runs.
 *
 * @example
 * await app.register(fastifyPlugin);
 */
export function fastifyPlugin(instance: FastifyLike, _options: unknown, done: () => void): void {
  instance.addHook('onError', (_request, _reply, error, hookDone) => {
    reportUnlessClientError(error);
    hookDone();
  });
  done();
}

// As the package fastify-plugin does: the hook is added to the instance itself, not to a child context.
Object.defineProperties(fastifyPlugin, {
  [Symbol.for('skip-override')]: { value: true },
  [Symbol.for('fastify.display-name')]: { value: 'swansong' },
});

/** A Koa middleware. */
export type KoaMiddleware = <Result>(context: unknown, next: () => Promise<Result>) => Promise<Result>;

/**
 * A Koa middleware: before the routes, after (inside of) a middleware that turns errors into responses.
 *
 * @example
 * app.use(koaMiddleware());
 * app.use(router.routes());
 */
export function koaMiddleware(): KoaMiddleware {
  return (_context, next) => recoverAndReport(next, reportUnlessClientError);
}

function reportUnlessClientError(error: unknown): void {
  if (!isClientError(error)) report(error);
}

/** Must not throw: the caller rethrows the application's error. */
function report(error: unknown): void {
  try {
    findRunningSdk()?.reportRequestError(error);
  } catch {
    // There is nowhere to report an error of reporting.
  }
}

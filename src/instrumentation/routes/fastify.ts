import { diag } from '@opentelemetry/api';
import { isObject } from '../../values/is-object.ts';
import { read, readText } from '../../values/read.ts';
import { subscribe } from '../subscribe.ts';
import { servedRequest, setRoute } from './request-route.ts';

/** Published before the handler of a route runs. */
export const FASTIFY_CHANNEL = 'fastify.request.handler';
/** Published with each new instance. */
export const FASTIFY_INITIALIZATION = 'fastify.initialization';

/**
 * Routes of Fastify, and the errors that it answers. The handler's channel tells the route; what ends in a hook or in the validation
 * never gets there, nor does an error given to `reply.send()`: two hooks of each instance, which run when all of that is over, see these.
 */
export function instrumentFastify(): void {
  subscribe(`tracing:${FASTIFY_CHANNEL}:start`, (message) => {
    const route = readText(read(message, 'route'), 'url');
    if (route !== undefined) setRoute(route, read(read(message, 'request'), 'raw'));
  });
  subscribe(FASTIFY_INITIALIZATION, (message) => {
    const instance = read(message, 'fastify');
    if (isInstance(instance)) addHooks(instance);
  });
}

interface Instance {
  addHook(name: 'onError', hook: (request: unknown, reply: unknown, error: unknown, done: () => void) => void): unknown;
  addHook(name: 'onResponse', hook: (request: unknown, reply: unknown, done: () => void) => void): unknown;
}

function isInstance(value: unknown): value is Instance {
  return isObject(value) && 'addHook' in value && typeof value.addHook === 'function';
}

function addHooks(instance: Instance): void {
  instance.addHook('onError', (request, _reply, error, done) => {
    guard(() => servedRequest(read(request, 'raw'))?.answerError(error));
    done();
  });
  instance.addHook('onResponse', (request, _reply, done) => {
    guard(() => {
      const raw = read(request, 'raw');
      const served = servedRequest(raw);
      if (served === undefined || served.route !== undefined) return;
      // None of a request that no route was found for.
      const route = readText(read(request, 'routeOptions'), 'url');
      if (route !== undefined) served.setRoute(route);
    });
    done();
  });
}

/** Fastify would answer with what a hook throws. */
function guard(observe: () => void): void {
  try {
    observe();
  } catch (error) {
    diag.error('the instrumentation of fastify failed', error);
  }
}

import { read } from '../../values/read.ts';
import { subscribe } from '../subscribe.ts';
import { expressRoute } from './express-route.ts';
import { addRouteFinder, servedRequest, setRoute } from './request-route.ts';

/** Published by router 2.3 and later, which Express 5.3 has. */
export const EXPRESS_CHANNEL = 'express.router.request';

/**
 * Routes of Express, and the errors that it answers. Where its router publishes nothing (Express 4) the route is found at the end of the
 * response, and errors are not seen.
 */
export function instrumentExpress(): void {
  addRouteFinder(expressRoute);
  subscribe(`tracing:${EXPRESS_CHANNEL}:start`, (message) => {
    const request = read(message, 'req');
    const stack = read(read(request, 'route'), 'stack');
    // Also published for each middleware, which has no route, or comes after one.
    if (!Array.isArray(stack) || !stack.includes(read(message, 'layer'))) return;
    const route = typeof request === 'object' && request !== null ? expressRoute(request) : undefined;
    if (route !== undefined) setRoute(route, request);
  });
  subscribe(`tracing:${EXPRESS_CHANNEL}:error`, (message) => {
    servedRequest(read(message, 'req'))?.answerError(read(message, 'error'));
  });
}

import { read, readText } from '../../values/read.ts';
import { subscribe } from '../subscribe.ts';
import { servedRequest, setRoute } from './request-route.ts';

/** Published by applications that have h3's `tracingPlugin()`, for each middleware and each handler. */
export const H3_CHANNEL = 'h3.request';

/** Routes of h3, and the errors that it answers. */
export function instrumentH3(): void {
  subscribe(`tracing:${H3_CHANNEL}:start`, (message) => {
    const event = read(message, 'event');
    const route = readText(read(read(event, 'context'), 'matchedRoute'), 'route');
    if (route !== undefined) setRoute(route, requestOf(event));
  });
  subscribe(`tracing:${H3_CHANNEL}:error`, (message) => {
    servedRequest(requestOf(read(message, 'event')))?.answerError(read(message, 'error'));
  });
}

/** Undefined where h3 is not served by `node:http`. */
function requestOf(event: unknown): unknown {
  return read(read(read(event, 'runtime'), 'node'), 'req');
}

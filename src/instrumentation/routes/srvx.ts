import { read } from '../../values/read.ts';
import { subscribe } from '../subscribe.ts';
import { servedRequest } from './request-route.ts';

/** Published by servers that have srvx's `tracingPlugin()`. */
export const SRVX_CHANNEL = 'srvx.request';
/** The same, for each middleware. */
export const SRVX_MIDDLEWARE = 'srvx.middleware';

/** The errors that srvx answers; it has no routes. */
export function instrumentSrvx(): void {
  for (const channel of [SRVX_CHANNEL, SRVX_MIDDLEWARE]) {
    subscribe(`tracing:${channel}:error`, (message) => {
      const runtime = read(read(message, 'request'), 'runtime');
      servedRequest(read(read(runtime, 'node'), 'req'))?.answerError(read(message, 'error'));
    });
  }
}

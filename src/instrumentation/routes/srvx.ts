import { read } from '../../values/read.ts';
import { subscribe } from '../subscribe.ts';
import { servedRequest } from './request-route.ts';

/** Published by servers that have srvx's `tracingPlugin()`. */
export const SRVX_CHANNEL = 'srvx.request';

/** The errors that srvx answers; it has no routes. */
export function instrumentSrvx(): void {
  subscribe(`tracing:${SRVX_CHANNEL}:error`, (message) => {
    const runtime = read(read(message, 'request'), 'runtime');
    servedRequest(read(read(runtime, 'node'), 'req'))?.answerError(read(message, 'error'));
  });
}

import { subscribe as subscribeToChannel } from 'node:diagnostics_channel';
import { diag } from '@opentelemetry/api';
import { isObject } from '../values/is-object.ts';

/**
 * Subscribes to a diagnostics channel. Node turns what a subscriber throws into an uncaught exception, which would end the
 * application; here it is logged instead.
 */
export function subscribe(channel: string, onMessage: (message: object) => void): void {
  subscribeToChannel(channel, (message) => {
    try {
      if (isObject(message)) onMessage(message);
    } catch (error) {
      diag.error(`the instrumentation of ${channel} failed`, error);
    }
  });
}

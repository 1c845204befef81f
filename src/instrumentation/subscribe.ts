import { subscribe as subscribeToChannel } from 'node:diagnostics_channel';
import { diag } from '@opentelemetry/api';

/**
 * Subscribes to a diagnostics channel of Node. A subscriber that throws would end the application with an uncaught
 * exception; ours costs a line and its span.
 */
export function subscribe(channel: string, onMessage: (message: object) => void): void {
  subscribeToChannel(channel, (message) => {
    try {
      if (typeof message === 'object' && message !== null) onMessage(message);
    } catch (error) {
      diag.error(`the instrumentation of ${channel} failed`, error);
    }
  });
}

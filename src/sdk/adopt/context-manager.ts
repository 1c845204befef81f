import type { Context, ContextManager } from '@opentelemetry/api';
import { noteUnwinding, UnwoundContextManager } from '../../errors/unwound-context.ts';
import { readMethod } from './private-fields.ts';

export interface WatchedContextManager {
  /** For NodeSDK. A value that is not a context manager is passed on unchanged: NodeSDK reports its own error. */
  readonly manager: unknown;
  /** The context in which the error was thrown that is propagating now. */
  readonly unwound: () => Context | undefined;
}

/**
 * The application's context manager, else one of swansong, made to remember the context that an error leaves. NodeSDK enables it
 * when it starts, which shows that it has started: `onStarted` is called when `start()` has returned.
 */
export function watchContextManager(given: unknown, onStarted: () => void): WatchedContextManager {
  if (given === undefined) {
    const manager = new UnwoundContextManager();
    onEnable(manager, onStarted);
    return { manager, unwound: () => manager.unwound };
  }
  if (!isContextManager(given)) return { manager: given, unwound: () => undefined };
  const unwound = noteUnwinding(given);
  onEnable(given, onStarted);
  return { manager: given, unwound };
}

function onEnable(manager: ContextManager, onStarted: () => void): void {
  const enable = manager.enable.bind(manager);
  Object.defineProperty(manager, 'enable', {
    configurable: true,
    writable: true,
    value(): ContextManager {
      void Promise.resolve().then(onStarted);
      return enable();
    },
  });
}

function isContextManager(value: unknown): value is ContextManager {
  return ['active', 'with', 'bind', 'enable', 'disable'].every((method) => readMethod(value, method) !== undefined);
}

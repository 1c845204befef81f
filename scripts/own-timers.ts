import { fileURLToPath } from 'node:url';
import type { Rolldown } from 'tsdown';

const CLOCK = fileURLToPath(new URL('../src/clock/clock.ts', import.meta.url));
const UTILS = /[\\/]@opentelemetry[\\/]sdk-metrics[\\/]dist[\\/]utils\.mjs$/;
const STARTS = 'timeoutHandle = setTimeout(';
const CLEARS = 'clearTimeout(timeoutHandle)';

/**
 * A rolldown plugin: the time limit of an observable callback in `@opentelemetry/sdk-metrics` is one of Node's own timers, which
 * a test of the application has not replaced, and does not keep the process alive. The SDK's does: with a callback that
 * never settles, and an interval that is not longer than the limit, there always is one.
 */
export function ownTimers(): Rolldown.Plugin {
  return {
    name: 'own-timers',
    transform(code, id) {
      if (!UTILS.test(id)) return null;
      if (!code.includes(STARTS) || !code.includes(CLEARS))
        throw new Error(`${id}: expected "${STARTS}" and "${CLEARS}"; look how sdk-metrics limits a callback now`);
      const own =
        `import { clearTimeout as clearLimit, setTimeout as startTimer } from ${JSON.stringify(CLOCK)};\n` +
        'const startLimit = (callback, millis) => startTimer(callback, millis).unref();\n';
      const limited = code
        .replaceAll(STARTS, 'timeoutHandle = startLimit(')
        .replaceAll(CLEARS, 'clearLimit(timeoutHandle)');
      return { code: own + limited, map: null };
    },
  };
}

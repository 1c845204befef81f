import { fileURLToPath } from 'node:url';
import type { Rolldown } from 'tsdown';

const REPLACEMENT = fileURLToPath(new URL('../src/sdk/node-sdk-environment.ts', import.meta.url));
const OF_SDK_NODE = /[\\/]@opentelemetry[\\/]sdk-node[\\/]/;

/** sdk-node rejects 0 as a limit, but 0 is valid (specification, "Attribute Limits": non-negative integer). */
const UTILS = /[\\/]@opentelemetry[\\/]sdk-node[\\/]dist[\\/]utils\.mjs$/;
const REFUSES_ZERO = 'value != null && value <= 0';

/** A rolldown plugin: makes `@opentelemetry/sdk-node` read src/sdk/node-sdk-environment.ts instead of the environment. */
export function nodeSdkEnvironment(): Rolldown.Plugin {
  return {
    name: 'node-sdk-environment',
    resolveId: (source, importer) =>
      source === '@opentelemetry/core' && importer !== undefined && OF_SDK_NODE.test(importer) ? REPLACEMENT : null,
    transform(code, id) {
      if (!UTILS.test(id)) return null;
      const [before, after, ...more] = code.split(REFUSES_ZERO);
      if (before === undefined || after === undefined || more.length > 0)
        throw new Error(
          `${id}: expected "${REFUSES_ZERO}" once; look how sdk-node reads the limits of log records now`,
        );
      return { code: `${before}value != null && value < 0${after}`, map: null };
    },
  };
}

import { fileURLToPath } from 'node:url';
import type { Rolldown } from 'tsdown';

const OURS = fileURLToPath(new URL('../src/sdk/node-sdk-environment.ts', import.meta.url));
const OF_SDK_NODE = /[\\/]@opentelemetry[\\/]sdk-node[\\/]/;

/** sdk-node takes "non-negative" for "greater than 0"; a limit of 0 attributes is one (specification, "Attribute Limits"). */
const UTILS = /[\\/]@opentelemetry[\\/]sdk-node[\\/]dist[\\/]utils\.mjs$/;
const REFUSES_ZERO = 'value != null && value <= 0';

/** A rolldown plugin: what `@opentelemetry/sdk-node` reads from the environment it reads from src/sdk/node-sdk-environment.ts. */
export function nodeSdkEnvironment(): Rolldown.Plugin {
  return {
    name: 'node-sdk-environment',
    resolveId: (source, importer) =>
      source === '@opentelemetry/core' && importer !== undefined && OF_SDK_NODE.test(importer) ? OURS : null,
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

import { fileURLToPath } from 'node:url';
import type { Rolldown } from 'tsdown';

const API = '@opentelemetry/api';
const OURS = fileURLToPath(new URL('../src/sdk/application-api.ts', import.meta.url));

/** A rolldown plugin: the API that a bundle uses is src/sdk/application-api.ts, and the one behind it that of the application. */
export function applicationApi(): Rolldown.Plugin {
  return {
    name: 'application-api',
    resolveId: {
      order: 'pre',
      handler(source, importer) {
        if (source !== API) return null;
        return importer === OURS ? { id: API, external: true } : OURS;
      },
    },
  };
}

import type { Rolldown } from 'tsdown';

const NO_DETECTORS = '\0no-detectors';
const NAMES = ['hostDetector', 'osDetector', 'processDetector', 'serviceInstanceIdDetector'];

/**
 * A rolldown plugin that leaves the resource detectors of `@opentelemetry/resources` out of a bundle: NodeSDK imports them, but
 * swansong does not use them. They load OpenSSL at every start, and their dynamic imports would split the bundle.
 */
export function withoutDetectors(): Rolldown.Plugin {
  return {
    name: 'without-detectors',
    resolveId: (source, importer) =>
      source.endsWith('/detectors/index.mjs') && importer?.includes('/@opentelemetry/resources/') ? NO_DETECTORS : null,
    load: (id) => (id === NO_DETECTORS ? NAMES.map((name) => `export const ${name} = undefined;`).join('\n') : null),
  };
}

import type { Rolldown } from 'tsdown';

/** What NodeSDK makes only of a signal that it is given neither processors nor readers for. */
const BATCHING: Readonly<Record<string, string>> = {
  '@opentelemetry/sdk-trace': 'BatchSpanProcessor',
  '@opentelemetry/sdk-logs': 'BatchLogRecordProcessor',
  '@opentelemetry/sdk-metrics': 'PeriodicExportingMetricReader',
};
const OF_SDK_NODE = /[\\/]@opentelemetry[\\/]sdk-node[\\/]/;
const PREFIX = '\0without-batching:';

/** A rolldown plugin that leaves the SDK's batch processors and periodic reader out of a bundle with `@opentelemetry/sdk-node`. */
export function withoutBatching(): Rolldown.Plugin {
  return {
    name: 'without-batching',
    resolveId: (source, importer) =>
      importer !== undefined && OF_SDK_NODE.test(importer) && Object.hasOwn(BATCHING, source)
        ? `${PREFIX}${source}`
        : null,
    load(id) {
      if (!id.startsWith(PREFIX)) return null;
      const source = id.slice(PREFIX.length);
      return `export * from '${source}';\nexport const ${BATCHING[source]} = undefined;\n`;
    },
  };
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { peerFolder } from '../harness/install-peers.ts';
import { projectFolder, registerFile } from '../harness/paths.ts';
import type { Capture } from './capture.ts';

/** One distribution, set up as its documentation shows. */
export interface Distribution {
  readonly name: string;
  /** Its npm package. */
  readonly package: string;
  /** Where that package and the API package that it supports are installed. */
  readonly folder: string;
  /** The arguments that preload it: `--require` if it supports that and the program is CommonJS. */
  readonly preload: (commonJs: boolean) => readonly string[];
  readonly environment: (capture: Capture) => Readonly<Record<string, string>>;
  /** URL of the module with its `shutdown()` and `forceFlush()`. */
  readonly shutdown: (applicationFolder: string) => string;
  /** Whether it supports the variables of an OTLP exporter. */
  readonly otlp: boolean;
  /** Matches where the name of a span occurs without the span itself. */
  readonly notASpan?: RegExp;
  /** For the document: which settings were used, and why. */
  readonly setUp: string;
  /** Milliseconds without a request after which nothing more is expected once the process has ended. */
  readonly quietMillis: number;
}

const peer = (name: string): string => fileURLToPath(new URL(`peers/${name}`, import.meta.url));
const otelShutdown = (folder: string): string => pathToFileURL(join(folder, 'otel-shutdown.mjs')).href;
/** Their default detectors also query cloud metadata addresses, which depends on the network (10 s if they time out). */
const LOCAL_DETECTORS = { OTEL_NODE_RESOURCE_DETECTORS: 'env,host,os,process,serviceinstance' };
const otlpEnvironment = ({ url }: Capture): Readonly<Record<string, string>> => ({
  OTEL_SERVICE_NAME: 'endings',
  OTEL_EXPORTER_OTLP_ENDPOINT: url,
});

export const distributions: readonly Distribution[] = [
  {
    name: 'swansong',
    package: 'swansong',
    folder: projectFolder,
    preload: (commonJs) => [commonJs ? '--require' : '--import', registerFile],
    environment: otlpEnvironment,
    shutdown: () => pathToFileURL(join(projectFolder, 'dist/index.mjs')).href,
    otlp: true,
    setUp: 'Its defaults.',
    quietMillis: 200,
  },
  {
    name: 'auto-instrumentations',
    package: '@opentelemetry/auto-instrumentations-node',
    folder: peerFolder('auto'),
    preload: (commonJs) => [commonJs ? '--require' : '--import', '@opentelemetry/auto-instrumentations-node/register'],
    environment: (capture) => ({ ...otlpEnvironment(capture), ...LOCAL_DETECTORS }),
    shutdown: otelShutdown,
    otlp: true,
    setUp:
      'Its defaults, without the detectors that ask for cloud metadata. `shutdown()` is that of the tracer provider behind the API.',
    quietMillis: 300,
  },
  {
    name: 'EDOT',
    package: '@elastic/opentelemetry-node',
    folder: peer('edot'),
    preload: (commonJs) => [commonJs ? '--require' : '--import', '@elastic/opentelemetry-node'],
    environment: (capture) => ({ ...otlpEnvironment(capture), ...LOCAL_DETECTORS, OTEL_LOG_LEVEL: 'warn' }),
    shutdown: otelShutdown,
    otlp: true,
    setUp:
      'Its defaults, without the detectors that ask for cloud metadata, and with `OTEL_LOG_LEVEL=warn`, so that it does not print its start-up line. `shutdown()` is that of the tracer provider behind the API.',
    quietMillis: 300,
  },
  {
    name: 'Sentry',
    package: '@sentry/node',
    folder: peer('sentry'),
    // Its documentation has no --require.
    preload: () => ['--import', pathToFileURL(join(peer('sentry'), 'instrument.mjs')).href],
    environment: ({ url, port }) => ({
      SENTRY_DSN: `${url.replace('//', '//public@')}/1`,
      SENTRY_RELEASE: 'endings',
      SENTRY_ENVIRONMENT: `port-${port}`,
    }),
    shutdown: () => pathToFileURL(join(peer('sentry'), 'shutdown.mjs')).href,
    otlp: false,
    // An error contains the names of its root span and its request, a span that of its root: these may still be open.
    notASpan: /"(?:transaction|url)":"[^"]*"|"sentry\.segment\.name":\{"value":"[^"]*"/g,
    setUp:
      '`tracesSampleRate: 1` and `enableOpenTelemetrySetup: true`, so that spans of the OpenTelemetry API count. `shutdown()` is `Sentry.close()`.',
    quietMillis: 300,
  },
  {
    name: 'dd-trace',
    package: 'dd-trace',
    folder: peer('dd-trace'),
    preload: (commonJs) => [
      ...(commonJs ? ['--require', 'dd-trace/init'] : ['--import', 'dd-trace/initialize.mjs']),
      '--require',
      join(peer('dd-trace'), 'instrument.cjs'),
    ],
    environment: ({ url }) => ({
      DD_TRACE_AGENT_URL: url,
      DD_SERVICE: 'endings',
      DD_TRACE_STARTUP_LOGS: 'false',
    }),
    shutdown: () => pathToFileURL(join(peer('dd-trace'), 'shutdown.mjs')).href,
    otlp: false,
    setUp:
      'Its own `TracerProvider`, registered; `DD_TRACE_STARTUP_LOGS=false`, so that it does not print its configuration. `shutdown()` is `forceFlush()` and `shutdown()` of that provider.',
    quietMillis: 800,
  },
];

/** The version of a package that is installed in the distribution's folder. */
export function versionOf({ folder }: Distribution, packageName: string): string {
  const own = folder === projectFolder && packageName === 'swansong';
  const manifest: unknown = JSON.parse(
    readFileSync(join(folder, own ? '' : `node_modules/${packageName}`, 'package.json'), 'utf8'),
  );
  if (typeof manifest !== 'object' || manifest === null || !('version' in manifest)) {
    throw new Error(`${packageName}: its package.json has no version`);
  }
  return String(manifest.version);
}

import { fileURLToPath } from 'node:url';
import { defineConfig, type UserConfig } from 'tsdown';
import { applicationApi } from './scripts/application-api.ts';
import { buildExitWorkerProgram } from './scripts/exit-worker-program.ts';
import { fasterSdk } from './scripts/faster-sdk.ts';
import { nodeSdkEnvironment } from './scripts/node-sdk-environment.ts';
import { ownTimers } from './scripts/own-timers.ts';
import { thirdPartyLicenses } from './scripts/third-party-licenses.ts';
import { withoutBatching } from './scripts/without-batching.ts';
import { withoutDescriptions } from './scripts/without-descriptions.ts';
import { withoutDetectors } from './scripts/without-detectors.ts';

const shared: UserConfig = { platform: 'node', target: 'node22.15', hash: false, report: false, clean: false };
const commonJs: UserConfig = {
  ...shared,
  format: 'cjs',
  outExtensions: () => ({ js: '.cjs', dts: '.d.cts' }),
  minify: true,
};

/** Nothing in the preload hooks `require` or `import`; see src/instrumentation/start-instrumentations.ts. */
const noModuleHooks = fileURLToPath(new URL('./src/instrumentation/packages/no-module-hooks.ts', import.meta.url));

/** NodeSDK gets its processors and readers from us; see src/sdk/node-sdk-configuration.ts. */
const noExporters = fileURLToPath(new URL('./src/sdk/no-exporters.ts', import.meta.url));
const exportersOfNodeSdk = [
  ...['trace', 'logs', 'metrics'].flatMap((signal) =>
    ['grpc', 'http', 'proto'].map((protocol) => `@opentelemetry/exporter-${signal}-otlp-${protocol}`),
  ),
  '@opentelemetry/exporter-prometheus',
  '@opentelemetry/exporter-zipkin',
];

const define = { EXIT_WORKER_PROGRAM: JSON.stringify(await buildExitWorkerProgram()) };

/**
 * Start-up time is a matter of file count and of the ESM loader: what every start pays for is CommonJS, one minified file
 * behind a small one. The OpenTelemetry API in it is a copy: copies meet at a global symbol, and an application that imports
 * the API as ES modules would load another one anyway.
 */
const config: UserConfig[] = defineConfig([
  { ...commonJs, entry: { register: 'src/register.ts' }, dts: true, clean: true },
  { ...commonJs, entry: { bin: 'src/bin.ts' }, dts: false },
  {
    ...commonJs,
    entry: { preload: 'src/sdk/start.ts' },
    dts: false,
    define,
    alias: {
      'require-in-the-middle': noModuleHooks,
      'import-in-the-middle': noModuleHooks,
      ...Object.fromEntries(exportersOfNodeSdk.map((name) => [name, noExporters])),
    },
    deps: { alwaysBundle: [/./], onlyBundle: false },
    plugins: [
      nodeSdkEnvironment(),
      withoutBatching(),
      withoutDetectors(),
      fasterSdk(),
      ownTimers(),
      thirdPartyLicenses('preload.licenses.txt'),
    ],
  },
  {
    // For the preload, and a bundle of its own: only who sets OTEL_CONFIG_FILE loads it.
    ...commonJs,
    entry: { 'config-file': 'src/config/file/read-config-file.ts' },
    dts: false,
    deps: { alwaysBundle: [/./], onlyBundle: false },
    plugins: [withoutDescriptions(), thirdPartyLicenses('config-file.licenses.txt')],
  },
  {
    // For the preload, and a bundle of its own: only who asks for self-metrics loads it.
    ...commonJs,
    entry: { 'self-metrics': 'src/self-metrics.ts' },
    dts: false,
    alias: { 'require-in-the-middle': noModuleHooks, 'import-in-the-middle': noModuleHooks },
    deps: { alwaysBundle: [/./], onlyBundle: false },
    plugins: [ownTimers(), thirdPartyLicenses('self-metrics.licenses.txt')],
  },
  {
    ...shared,
    entry: {
      index: 'src/index.ts',
      handlers: 'src/handlers.ts',
      cli: 'src/cli.ts',
      collector: 'src/collector.ts',
      'self-metrics': 'src/self-metrics.ts',
    },
    format: 'esm',
    // Smaller, and names in stack traces stay what they are.
    minify: { compress: true, mangle: false, codegen: { removeWhitespace: true } },
    dts: true,
    alias: { 'require-in-the-middle': noModuleHooks, 'import-in-the-middle': noModuleHooks },
    outputOptions: { chunkFileNames: 'shared/[name].mjs' },
    deps: {
      alwaysBundle: ['@opentelemetry/api', 'protobufjs', /^protobufjs\//],
      onlyBundle: false,
      // Types come from the application's API, whichever it has. Bundled, they were names that nothing declares.
      dts: { alwaysBundle: [], neverBundle: true },
    },
    // For the types: no bare import of a package that is only bundled.
    treeshake: { moduleSideEffects: [{ test: /^@opentelemetry\//, external: true, sideEffects: false }] },
    plugins: [ownTimers(), thirdPartyLicenses('modules.licenses.txt')],
  },
  {
    // For an application with a NodeSDK of its own: the API is the application's copy.
    ...shared,
    entry: { 'node-sdk': 'src/node-sdk.ts' },
    format: 'esm',
    define,
    minify: { compress: true, mangle: false, codegen: { removeWhitespace: true } },
    dts: true,
    alias: { 'require-in-the-middle': noModuleHooks, 'import-in-the-middle': noModuleHooks },
    deps: { alwaysBundle: [/^(?!@opentelemetry\/api$)/], onlyBundle: false },
    plugins: [applicationApi(), thirdPartyLicenses('node-sdk.licenses.txt')],
  },
]);

export default config;

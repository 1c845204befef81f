import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { installFolder, peerFolder } from '../harness/install-peers.ts';
import { benchFolder, projectFolder, registerFile } from '../harness/paths.ts';

/** One way to preload the same application. */
export interface PreloadRow {
  readonly name: string;
  /** Package and version; undefined for the one without. */
  readonly package: string | undefined;
  /** As its documentation has it for ES modules, and for CommonJS. */
  readonly nodeArguments: (commonJs: boolean) => readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** For the document. */
  readonly setUp: string;
}

/** Their default detectors also query cloud metadata addresses, which depends on the network (10 s if they time out). */
const LOCAL_DETECTORS = { OTEL_NODE_RESOURCE_DETECTORS: 'env,host,os,process,serviceinstance' };
const EDOT = 'endings/peers/edot';

const inFolder = (folder: string, path: string): string => pathToFileURL(join(folder, 'node_modules', path)).href;

function versionOf(folder: string, name: string): string {
  const manifest: { version: string } = JSON.parse(readFileSync(join(folder, name, 'package.json'), 'utf8'));
  return `${name} ${manifest.version}`;
}

/** Installs the peers, and describes how each is preloaded. The first one is the application alone. */
export function preloadRows(): readonly PreloadRow[] {
  installFolder('auto');
  installFolder(EDOT);
  const [auto, edot] = [peerFolder('auto'), join(benchFolder, EDOT)];
  const autoPackage = versionOf(join(auto, 'node_modules'), '@opentelemetry/auto-instrumentations-node');
  const autoFiles = '@opentelemetry/auto-instrumentations-node/dist/register';
  const preload = (folder: string, path: string, commonJsPath: string) => (commonJs: boolean) =>
    commonJs ? ['--require', join(folder, 'node_modules', commonJsPath)] : ['--import', inFolder(folder, path)];
  const preloadAuto = preload(auto, `${autoFiles}.mjs`, `${autoFiles}.cjs`);
  const manifest: { version: string } = JSON.parse(readFileSync(join(projectFolder, 'package.json'), 'utf8'));
  return [
    { name: 'none', package: undefined, nodeArguments: () => [], environment: {}, setUp: 'The application alone.' },
    {
      name: 'swansong',
      package: `swansong ${manifest.version}`,
      nodeArguments: (commonJs) => [commonJs ? '--require' : '--import', registerFile],
      environment: {},
      setUp: 'Its defaults.',
    },
    {
      name: 'auto',
      package: autoPackage,
      nodeArguments: preloadAuto,
      environment: LOCAL_DETECTORS,
      setUp: 'Its defaults, without the detectors that ask for cloud metadata.',
    },
    {
      name: 'auto + hook',
      package: autoPackage,
      nodeArguments: (commonJs) => [
        '--no-warnings',
        '--experimental-loader',
        inFolder(auto, '@opentelemetry/instrumentation/hook.mjs'),
        ...preloadAuto(commonJs),
      ],
      environment: LOCAL_DETECTORS,
      setUp: 'The same with the loader hook that its instrumentations need for ES modules.',
    },
    {
      name: 'EDOT',
      package: versionOf(join(edot, 'node_modules'), '@elastic/opentelemetry-node'),
      nodeArguments: preload(edot, '@elastic/opentelemetry-node/import.mjs', '@elastic/opentelemetry-node/require.js'),
      environment: { ...LOCAL_DETECTORS, OTEL_LOG_LEVEL: 'warn' },
      setUp:
        'Its defaults, without the detectors that ask for cloud metadata, and with `OTEL_LOG_LEVEL=warn`, so that it does not print its start-up line.',
    },
  ];
}

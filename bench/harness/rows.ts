import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { installPeers, peerFolder, type Peer } from './install-peers.ts';
import { benchFolder, registerFile } from './paths.ts';

/** One way to start a program: how it is preloaded, and from where. */
export interface Row {
  readonly name: 'bare Node' | 'swansong' | 'NodeSDK by hand' | 'auto-instrumentations';
  readonly nodeArguments: readonly string[];
  readonly folder: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly peer?: Peer;
}

export const bare: Row = { name: 'bare Node', nodeArguments: [], folder: benchFolder };
export const swansong: Row = {
  name: 'swansong',
  nodeArguments: ['--import', registerFile],
  folder: benchFolder,
};
export const nodeSdk: Row = {
  name: 'NodeSDK by hand',
  nodeArguments: ['--import', join(peerFolder('nodesdk'), 'preload.mjs')],
  folder: benchFolder,
  peer: 'nodesdk',
};
export const auto: Row = {
  name: 'auto-instrumentations',
  // As in its documentation: the package's name, resolved from the working directory.
  nodeArguments: ['--import', '@opentelemetry/auto-instrumentations-node/register'],
  folder: peerFolder('auto'),
  // Its default detectors also query cloud metadata addresses, which depends on the network (10 s if they time out), not on startup.
  environment: { OTEL_NODE_RESOURCE_DETECTORS: 'env,host,os,process,serviceinstance' },
  peer: 'auto',
};

/** Installs what these rows need; leaves out swansong, and prints that, if it is not built. */
export function prepareRows(rows: readonly Row[]): Row[] {
  installPeers(rows.flatMap((row) => (row.peer === undefined ? [] : [row.peer])));
  if (!rows.includes(swansong) || existsSync(registerFile)) return [...rows];
  console.log(`swansong is left out: ${registerFile} does not exist (npm run build)`);
  return rows.filter((row) => row !== swansong);
}

/** The environment of a measured program: no variable of the caller's, and a backend that answers. */
export function rowEnvironment(
  row: Row,
  backendUrl: string,
  more: Readonly<Record<string, string>> = {},
): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'],
    HOME: process.env['HOME'],
    OTEL_SERVICE_NAME: 'bench',
    OTEL_EXPORTER_OTLP_ENDPOINT: backendUrl,
    ...row.environment,
    ...more,
  };
}

import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { installFolder, peerFolder } from '../harness/install-peers.ts';
import { benchFolder, registerFile } from '../harness/paths.ts';

/** One way to preload the server. */
export interface ThroughputRow {
  readonly name: string;
  readonly nodeArguments: readonly string[];
  readonly environment: (sinkUrl: string) => Readonly<Record<string, string>>;
  /** Working directory; default: that of the benches. */
  readonly folder?: string;
  /** Whether it sends spans as OTLP, which the sink counts. */
  readonly isCounted: boolean;
}

/** Their default detectors also query cloud metadata addresses. */
const LOCAL_DETECTORS = { OTEL_NODE_RESOURCE_DETECTORS: 'env,host,os,process,serviceinstance' };

const otlp = (url: string): Record<string, string> => ({
  OTEL_SERVICE_NAME: 'bench',
  OTEL_EXPORTER_OTLP_ENDPOINT: url,
  OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
});
const peer = (name: string): string => join(benchFolder, 'endings/peers', name);
const module = (folder: string, path: string): string => pathToFileURL(join(folder, 'node_modules', path)).href;

export const bareRow: ThroughputRow = {
  name: 'bare Node',
  nodeArguments: [],
  environment: (): Record<string, string> => ({}),
  isCounted: false,
};

export function swansongRow(name = 'swansong', file: string = registerFile): ThroughputRow {
  return { name, nodeArguments: ['--import', file], environment: otlp, isCounted: true };
}

export const nodeSdkRow: ThroughputRow = {
  name: 'NodeSDK by hand + http',
  nodeArguments: ['--import', join(peerFolder('nodesdk'), 'preload.mjs')],
  environment: otlp,
  isCounted: true,
};

/** Each as its documentation has it. Installs what they need. */
export function peerRows(): readonly ThroughputRow[] {
  for (const folder of ['nodesdk', 'auto', 'endings/peers/edot', 'endings/peers/sentry', 'endings/peers/dd-trace'])
    installFolder(folder);
  return [
    nodeSdkRow,
    {
      name: 'auto-instrumentations',
      nodeArguments: [
        '--import',
        module(peerFolder('auto'), '@opentelemetry/auto-instrumentations-node/dist/register.mjs'),
      ],
      environment: (url) => ({ ...otlp(url), ...LOCAL_DETECTORS }),
      isCounted: true,
    },
    {
      name: 'EDOT',
      nodeArguments: ['--import', module(peer('edot'), '@elastic/opentelemetry-node/import.mjs')],
      environment: (url) => ({ ...otlp(url), ...LOCAL_DETECTORS, OTEL_LOG_LEVEL: 'warn' }),
      isCounted: true,
    },
    {
      name: 'Sentry',
      nodeArguments: ['--import', pathToFileURL(join(peer('sentry'), 'instrument.mjs')).href],
      environment: (url) => ({ SENTRY_DSN: `${url.replace('//', '//public@')}/1`, SENTRY_RELEASE: 'bench' }),
      isCounted: false,
    },
    {
      name: 'dd-trace',
      nodeArguments: ['--import', module(peer('dd-trace'), 'dd-trace/initialize.mjs')],
      environment: (url) => ({ DD_TRACE_AGENT_URL: url, DD_SERVICE: 'bench', DD_TRACE_STARTUP_LOGS: 'false' }),
      folder: peer('dd-trace'),
      isCounted: false,
    },
    {
      name: 'floor: tracer and exporter alone',
      nodeArguments: ['--require', fileURLToPath(new URL('floor.cjs', import.meta.url))],
      environment: otlp,
      isCounted: true,
    },
  ];
}

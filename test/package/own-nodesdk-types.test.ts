import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ownNodeSdkProgram, repository, SDK_VERSIONS } from '../support/own-node-sdk.ts';

const PROGRAM = `
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { withSwansong } from 'swansong/node-sdk';

export const nothing = new NodeSDK(withSwansong());
export const written = new NodeSDK(
  withSwansong({
    serviceName: 'shop',
    traceExporter: new OTLPTraceExporter(),
    instrumentations: [new HttpInstrumentation({ ignoreIncomingRequestHook: (request) => request.url === '/ready' })],
  }),
);
type Configuration = NonNullable<ConstructorParameters<typeof NodeSDK>[0]>;
const typed: Configuration = { autoDetectResources: false };
const same: Configuration = withSwansong(typed, { endpoint: new URL('http://127.0.0.1:4318'), headers: { a: 'b' } });
export const fromTyped = new NodeSDK(same);
// @ts-expect-error no such option
export const wrongOption = withSwansong(typed, { url: 'http://127.0.0.1:4318' });
// @ts-expect-error a configuration is an object
export const wrongConfiguration = withSwansong('shop');
// @ts-expect-error NodeSDK knows its own options
export const wrongType = new NodeSDK(withSwansong({ serviceName: 7 }));
`;

it.each(SDK_VERSIONS)('the types of withSwansong() and those of sdk-node %s', async (version) => {
  const file = ownNodeSdkProgram(version, 'types.mts');
  writeFileSync(file, PROGRAM);
  const tsc = join(repository, 'node_modules/.bin/tsc');
  const options = ['--noEmit', '--strict', '--exactOptionalPropertyTypes', '--skipLibCheck', '--module', 'nodenext'];
  const output = await new Promise((resolve) => {
    execFile(
      tsc,
      [...options, '--target', 'es2024', '--types', 'node', '--ignoreConfig', file],
      (_error, stdout, stderr) => resolve(stdout + stderr),
    );
  });
  expect(output).toBe('');
});

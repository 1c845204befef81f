import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { startBackend } from '../support/backend.ts';
import { serve } from '../support/http-server.ts';
import { runFixture } from '../support/run-fixture.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const EXPRESS = '@opentelemetry/instrumentation-express';
const modules = fileURLToPath(new URL('../../node_modules', import.meta.url));

function write(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}

/** An application named `shop`, in whose folder the packages of this repository are. */
async function shop(): Promise<string> {
  const folder = await temporaryFolder();
  write(folder, {
    'app/package.json': '{"name":"shop","version":"1.2.3"}',
    'app/server.cjs': `require('@opentelemetry/api').trace.getTracer('app').startSpan('served').end();`,
  });
  symlinkSync(modules, join(folder, 'app/node_modules'));
  return folder;
}

describe('a program that something else runs', () => {
  it.each<[string, (app: string) => Readonly<Record<string, string>>]>([
    ['fork', (app) => ({ pm_exec_path: join(app, 'server.cjs') })],
    ['cluster', (app) => ({ pm2_env: JSON.stringify({ pm_exec_path: join(app, 'server.cjs') }) })],
  ])('under pm2 (%s) has the name and the packages of the application', async (_title, env) => {
    const [folder, backend] = [await shop(), await startBackend()];
    const app = join(folder, 'app');
    write(folder, {
      'lib/node_modules/pm2/package.json': '{"name":"pm2","version":"7.0.4"}',
      'lib/node_modules/pm2/lib/ProcessContainerFork.js':
        'require(process.env.pm_exec_path ?? JSON.parse(process.env.pm2_env).pm_exec_path);',
    });
    const result = await runFixture({
      program: join(folder, 'lib/node_modules/pm2/lib/ProcessContainerFork.js'),
      preload: 'node-options',
      cwd: folder,
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: backend.url, SWANSONG_INSTRUMENTATIONS: EXPRESS, ...env(app) },
    });
    expect(result).toEqual({ code: 0, signal: null, stdout: '', stderr: '' });
    const [span] = backend.spans();
    expect(span?.resource).toMatchObject({
      'service.name': 'shop',
      'service.version': '1.2.3',
      'process.command': join(app, 'server.cjs'),
    });
  });

  it('by an installed command has the name and the packages of the working directory', async () => {
    const [folder, backend] = [await shop(), await startBackend()];
    write(folder, {
      'lib/node_modules/ts-node/package.json': '{"name":"ts-node","version":"10.0.0"}',
      'lib/node_modules/ts-node/dist/bin.js': 'require(process.cwd() + "/server.cjs")',
    });
    const result = await runFixture({
      program: join(folder, 'lib/node_modules/ts-node/dist/bin.js'),
      preload: 'node-options',
      cwd: join(folder, 'app'),
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: backend.url, SWANSONG_INSTRUMENTATIONS: EXPRESS },
    });
    expect(result).toEqual({ code: 0, signal: null, stdout: '', stderr: '' });
    expect(backend.spans()[0]?.resource).toMatchObject({ 'service.name': 'shop', 'service.version': '1.2.3' });
  });

  it('by its folder (node .) has its name and its packages', async () => {
    const [folder, backend] = [await shop(), await startBackend()];
    write(folder, { 'app/index.js': 'require("./server.cjs")' });
    const result = await runFixture({
      program: join(folder, 'app'),
      preload: 'node-options',
      cwd: folder,
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: backend.url, SWANSONG_INSTRUMENTATIONS: EXPRESS },
    });
    expect(result).toEqual({ code: 0, signal: null, stdout: '', stderr: '' });
    expect(backend.spans()[0]?.resource).toMatchObject({ 'service.name': 'shop' });
  });
});

describe('with NODE_OPTIONS', () => {
  it.each([
    'npm/bin/npm-cli.js',
    'npm/bin/npx-cli.js',
    'corepack/dist/yarn.js',
    'yarn/bin/yarn.js',
    'pnpm/bin/pnpm.cjs',
  ])('%s is no service, what it starts is one', async (tool) => {
    const [folder, backend] = [await shop(), await startBackend()];
    const received: IncomingHttpHeaders[] = [];
    const url = await serve((request, response) => {
      // A port that another test had may still be asked for something else.
      if (request.url === '/registry') received.push(request.headers);
      response.end();
    });
    const program = join(folder, 'lib/node_modules', tool);
    write(folder, {
      [`lib/node_modules/${tool}`]: `
          require('node:http').get(process.argv[2], (response) => {
            response.resume().on('end', () => {
              require('node:child_process').spawnSync(process.execPath, ['server.cjs'], { stdio: 'inherit' });
            });
          });`,
    });
    // As `npm` is found: by a link.
    mkdirSync(join(folder, 'bin'));
    symlinkSync(program, join(folder, 'bin/tool'));
    const result = await runFixture({
      program: join(folder, 'bin/tool'),
      args: [`${url}/registry`],
      preload: 'node-options',
      cwd: join(folder, 'app'),
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: backend.url, OTEL_LOG_LEVEL: 'info' },
    });
    expect(result).toEqual({ code: 0, signal: null, stdout: '', stderr: '' });
    expect(received).toHaveLength(1);
    expect(received[0]).not.toHaveProperty('traceparent');
    expect(backend.spans().map(({ name, resource }) => [name, resource['service.name']])).toEqual([['served', 'shop']]);
    const loggedBy = new Set(backend.logRecords().map(({ resource }) => resource['service.name']));
    expect(loggedBy).toEqual(new Set(['shop']));
  });
});

import { readdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import { startBackend } from '../support/backend.ts';
import { runFixture } from '../support/run-fixture.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

it('delivers after the exit listeners of the application, and is not one too many of them', async () => {
  const backend = await startBackend();
  const without = await runFixture({ program: 'add-exit-listeners.mjs', preload: 'none' });
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: backend.url };
  expect(await runFixture({ program: 'add-exit-listeners.mjs', env })).toEqual(without);
  expect(backend.spans().map(({ name, attributes }) => [name, attributes['swansong.span.interrupted']])).toEqual([
    ['recorded in an exit listener', undefined],
    ['ended by an exit listener', undefined],
  ]);
});

it('writes no coverage about the worker that delivers', async () => {
  const backend = await startBackend();
  const [cwd, coverage] = [await temporaryFolder(), await temporaryFolder()];
  const result = await runFixture({
    program: 'add-exit-listeners.mjs',
    cwd,
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: backend.url, NODE_V8_COVERAGE: coverage },
  });
  expect(result).toMatchObject({ signal: null, stderr: '' });
  expect(backend.requests).not.toEqual([]);
  // One for each thread that has the variable.
  expect([readdirSync(coverage), readdirSync(cwd)]).toEqual([[expect.any(String)], []]);
});

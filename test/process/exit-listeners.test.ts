import { expect, it } from 'vitest';
import { startBackend } from '../support/backend.ts';
import { runFixture } from '../support/run-fixture.ts';

it('delivers after the exit listeners of the application, without a warning about too many listeners', async () => {
  const backend = await startBackend();
  const without = await runFixture({ program: 'add-exit-listeners.mjs', preload: 'none' });
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: backend.url };
  expect(await runFixture({ program: 'add-exit-listeners.mjs', env })).toEqual(without);
  expect(backend.spans().map(({ name, attributes }) => [name, attributes['swansong.span.interrupted']])).toEqual([
    ['recorded in an exit listener', undefined],
    ['ended by an exit listener', undefined],
  ]);
});

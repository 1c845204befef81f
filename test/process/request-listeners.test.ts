import { expect, it } from 'vitest';
import { startBackend } from '../support/backend.ts';
import { runFixture } from '../support/run-fixture.ts';

interface Printed {
  readonly seen: readonly unknown[];
  readonly warnings: readonly string[];
  readonly elsewhere: readonly string[];
  readonly heard: number;
}

async function run(preload: 'none' | 'import', env: Readonly<Record<string, string>>): Promise<Printed> {
  const result = await runFixture({
    program: 'listen-to-requests.mjs',
    nodeArguments: ['--no-warnings'],
    preload,
    env,
  });
  expect(result).toMatchObject({ code: 0, signal: null, stderr: '' });
  const printed: Printed = JSON.parse(result.stdout);
  return printed;
}

it('an application sees its own listeners only, called from where they always are, and all in the context of their request', async () => {
  const backend = await startBackend();
  const without = await run('none', {});
  const ours = await run('import', { OTEL_EXPORTER_OTLP_ENDPOINT: backend.url });
  expect(ours.seen).toEqual(without.seen);
  expect(ours.warnings).toEqual(without.warnings);
  expect(ours.elsewhere).toEqual([]);
  expect(ours.heard).toBeGreaterThan(100);
  // Every request has ended, also those of a connection that was lost, and that whose listeners were removed.
  const served = backend.spans().filter(({ kind }) => kind === 2);
  expect(served).toHaveLength(15);
  for (const { attributes } of backend.spans()) expect(attributes).not.toHaveProperty(['swansong.span.interrupted']);
});

import { expect, it } from 'vitest';
import { startBackend } from '../support/backend.ts';
import { runFixture } from '../support/run-fixture.ts';

const SERVER = 2;

it('a subscriber that fails in every request costs one message, and no request nor its span', async () => {
  const backend = await startBackend();
  const { code, stdout, stderr } = await runFixture({
    program: 'publish-hostile-messages.mjs',
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: backend.url },
  });
  expect({
    code,
    stdout,
    messages: stderr.split('\n').filter((line) => !line.startsWith('    at ')),
    spans: backend.spans().filter(({ kind }) => kind === SERVER).length,
  }).toEqual({
    code: 0,
    stdout: '{"200 fine":100}\n',
    messages: ['swansong: the instrumentation of tracing:graphql:execute:end failed Error: not to be read', ''],
    spans: 100,
  });
});

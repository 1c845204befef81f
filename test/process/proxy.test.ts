import { describe, expect, it } from 'vitest';
import { startBackend } from '../support/backend.ts';
import { authority, serverCertificate } from '../support/certificates.ts';
import { Obedient } from '../support/obedient.ts';
import { startProxy } from '../support/proxy.ts';
import { runFixture } from '../support/run-fixture.ts';
import { waitFor } from '../support/wait-for.ts';

// Of a proxy that is not asked for, Node says nothing; of one that is, Node 22 says that this is an experiment of undici's.
const QUIET = { NODE_NO_WARNINGS: '1' };
const NO_METRICS = { OTEL_METRICS_EXPORTER: 'none' };

describe.each([
  ['while the process lives', 'emit-all-signals.mjs', 0, ['linked', 'work']],
  ['at the end of the process', 'crash.mjs', 1, ['ended', 'open']],
] as const)('delivery %s', (_when, program, code, spans) => {
  it('goes through the proxy of http requests', async () => {
    const [backend, proxy] = [await startBackend(), await startProxy()];
    const env = {
      ...QUIET,
      ...NO_METRICS,
      NODE_USE_ENV_PROXY: '1',
      HTTP_PROXY: proxy.url,
      OTEL_EXPORTER_OTLP_ENDPOINT: backend.url,
    };
    expect(await runFixture({ program, env })).toMatchObject({ code, signal: null });
    expect(backend.spans().map(({ name }) => name)).toEqual(spans);
    expect(proxy.asked.toSorted()).toEqual([`POST ${backend.url}/v1/logs`, `POST ${backend.url}/v1/traces`]);
  });

  it('goes through the proxy of https requests, and verifies the backend behind it', async () => {
    const [backend, proxy] = [await startBackend({ kind: 'ok' }, { tls: serverCertificate }), await startProxy()];
    const env = {
      ...QUIET,
      ...NO_METRICS,
      NODE_USE_ENV_PROXY: '1',
      HTTPS_PROXY: proxy.url,
      OTEL_EXPORTER_OTLP_ENDPOINT: backend.url,
      OTEL_EXPORTER_OTLP_CERTIFICATE: authority,
    };
    expect(await runFixture({ program, env })).toMatchObject({ code, signal: null });
    expect(backend.spans().map(({ name }) => name)).toEqual(spans);
    expect(new Set(proxy.asked)).toEqual(new Set([`CONNECT 127.0.0.1:${backend.port}`]));
  });

  it.each([
    ['NO_PROXY names the backend', { NODE_USE_ENV_PROXY: '1', NO_PROXY: '127.0.0.1' }],
    ['Node does not use it', {}],
  ])('goes past the proxy where %s', async (_title, more) => {
    const [backend, proxy] = [await startBackend(), await startProxy()];
    const env = {
      ...QUIET,
      ...NO_METRICS,
      HTTP_PROXY: proxy.url,
      OTEL_EXPORTER_OTLP_ENDPOINT: backend.url,
      ...more,
    };
    expect(await runFixture({ program, env })).toMatchObject({ code, signal: null });
    expect(backend.spans().map(({ name }) => name)).toEqual(spans);
    expect(proxy.asked).toEqual([]);
  });
});

it.each(['http', 'https'])('a proxy that never answers does not hold the process (%s)', async (scheme) => {
  const proxy = await startProxy({ silent: true });
  const program = new Obedient({
    env: {
      ...QUIET,
      ...NO_METRICS,
      NODE_USE_ENV_PROXY: '1',
      HTTP_PROXY: proxy.url,
      HTTPS_PROXY: proxy.url,
      OTEL_EXPORTER_OTLP_ENDPOINT: `${scheme}://collector.invalid:4318`,
      OTEL_BSP_SCHEDULE_DELAY: '1',
      SWANSONG_EXIT_TIMEOUT: '200',
    },
  });
  await program.spans(3);
  await waitFor(() => proxy.asked.length > 0, 'a request to the proxy');
  expect(await program.end()).toEqual({
    code: 0,
    signal: null,
    stderr:
      'swansong: lost at the end of the process: 3 spans (no answer in time), 2 log records (no answer in time)\n',
  });
});

import { describe, expect, it } from 'vitest';
import { type Backend, startBackend } from '../support/backend.ts';
import { ownNodeSdkProgram, SDK_VERSIONS, type SdkVersion } from '../support/own-node-sdk.ts';
import { contentTypes, PATIENT, received, sorted, withoutStack } from '../support/own-node-sdk-received.ts';
import { type Fixture, runFixture, startFixture } from '../support/run-fixture.ts';
import type { OnTestFinished } from '../support/when-test-ends.ts';

interface Serving {
  readonly backend: Backend;
  readonly fixture: Fixture;
  readonly url: string;
}

async function serve(version: SdkVersion, setup: string, onTestFinished: OnTestFinished): Promise<Serving> {
  const backend = await startBackend({ kind: 'ok' }, { onTestFinished });
  const fixture = startFixture({
    program: ownNodeSdkProgram(version, 'service.cjs'),
    args: [setup],
    preload: 'none',
    env: {
      ...PATIENT,
      BACKEND: backend.url,
      ...(setup === 'none' ? { OTEL_EXPORTER_OTLP_ENDPOINT: backend.url } : {}),
    },
    onTestFinished,
  });
  const line = await fixture.line('listening on ');
  return { backend, fixture, url: line.slice('listening on '.length) };
}

/** The body, or that there was none. */
async function ask(url: string): Promise<string> {
  try {
    return await (await fetch(url, { headers: { connection: 'close' } })).text();
  } catch {
    return 'no answer';
  }
}

const AUTHORIZED = ['Bearer of the exporter'];
const PROCESS = ['swansong.process.exited', 'swansong.process.started'];

const REQUEST = ['GET (server), unset', 'load order (internal), unset'] as const;

describe.concurrent.each(SDK_VERSIONS)('an own NodeSDK %s', (version) => {
  it.for(['json', 'protobuf', 'gzip', 'batch', 'simple', 'oldNames'])(
    'a crash in a request, %s: its spans, and the error on the right one',
    async (setup, { onTestFinished }) => {
      const { backend, fixture, url } = await serve(version, setup, onTestFinished);
      const answer = await ask(`${url}/crash`);
      expect({ answer, ...withoutStack(await fixture.result), ...received(backend) }).toEqual({
        answer: 'no answer',
        code: 1,
        signal: null,
        stdout: `listening on ${url}\n`,
        stderr: ['Error: no such order'],
        spans: [
          'GET (server), error, interrupted',
          'load order (internal), error, exception: no such order, interrupted',
        ],
        records: ['FATAL Error: no such order on load order', ...PROCESS],
        services: ['shop'],
        authorizations: AUTHORIZED,
      });
    },
  );

  it('an error that leaves a span at once is recorded on that span', async ({ onTestFinished }) => {
    const { backend, fixture, url } = await serve(version, 'json', onTestFinished);
    await ask(`${url}/throw`);
    expect({ ...withoutStack(await fixture.result), ...received(backend) }).toMatchObject({
      code: 1,
      stderr: ['Error: no such order'],
      // The instrumentation records it on its span, and ends that, before it throws it on.
      spans: [
        'GET (server), error, exception: no such order',
        'load order (internal), error, exception: no such order, interrupted',
      ],
      records: ['FATAL Error: no such order on load order', ...PROCESS],
    });
  });

  it.for(['json', 'protobuf', 'batch'])(
    'process.exit() in a request, %s: what has ended and what is open',
    async (setup, { onTestFinished }) => {
      const { backend, fixture, url } = await serve(version, setup, onTestFinished);
      await ask(`${url}/order`);
      await ask(`${url}/exit`);
      expect({ ...(await fixture.result), ...received(backend) }).toEqual({
        code: 3,
        signal: null,
        stdout: `listening on ${url}\n`,
        stderr: '',
        spans: sorted([
          REQUEST[0],
          'GET (server), unset, interrupted',
          REQUEST[1],
          'load order (internal), unset, interrupted',
        ]),
        records: ['an order came', ...PROCESS],
        services: ['shop'],
        authorizations: AUTHORIZED,
      });
    },
  );

  it.for([
    ['json', 'application/json', 'application/json', 'application/json', 'identity'],
    ['protobuf', 'application/x-protobuf', 'application/x-protobuf', 'application/x-protobuf', 'identity'],
    ['gzip', 'application/x-protobuf', 'application/x-protobuf', 'application/x-protobuf', 'gzip'],
    ['batch', 'application/json', 'application/x-protobuf', 'application/x-protobuf', 'identity'],
    ['simple', 'application/x-protobuf', 'application/json', 'application/json', 'identity'],
    ['oldNames', 'application/json', 'application/json', 'application/json', 'identity'],
    ['none', 'application/x-protobuf', 'application/x-protobuf', 'application/x-protobuf', 'identity'],
  ] as const)(
    'forceFlush() and gracefulShutdown(), %s: each signal by its exporter, or beside one',
    async ([setup, traces, logs, metrics, encoding], { onTestFinished }) => {
      const { backend, fixture, url } = await serve(version, setup, onTestFinished);
      // Held until the flush has begun, which reports only what it has waited for: "simple" sends before it.
      backend.behave({ kind: 'hold' });
      const order = await ask(`${url}/order`);
      const flushed = ask(`${url}/flush`);
      await backend.waitFor(() => backend.metrics().some(({ name }) => name === 'shop.orders'));
      backend.behave({ kind: 'ok' });
      backend.release();
      const answers = [order, JSON.parse(await flushed), await ask(`${url}/stop`)];
      const end = await fixture.result;
      const { stdout } = end;
      expect({
        answers,
        ...end,
        stdout: stdout.split('\n').slice(1),
        ...received(backend),
        contentTypes: contentTypes(backend),
        orders: backend.metrics().findLast(({ name }) => name === 'shop.orders')?.value,
      }).toEqual({
        answers: ['ok', { ok: true, backend: 'connected', delivered: [true, true, true] }, 'stopping'],
        code: 0,
        signal: null,
        stdout: ['{"ok":true,"undelivered":0}', ''],
        stderr: '',
        spans: sorted([...REQUEST, 'GET (server), unset', 'GET (server), unset']),
        records: ['an order came', ...['started', 'stopped', 'stopping'].map((event) => `swansong.process.${event}`)],
        services: ['shop'],
        authorizations: setup === 'none' ? [undefined] : AUTHORIZED,
        contentTypes: [`logs: ${logs} ${encoding}`, `metrics: ${metrics} ${encoding}`, `traces: ${traces} ${encoding}`],
        orders: 1,
      });
    },
  );

  it('NodeSDK.shutdown(): what comes later is neither lost nor held up', async ({ onTestFinished }) => {
    const { backend, fixture, url } = await serve(version, 'batch', onTestFinished);
    const answers = [await ask(`${url}/shutdown`), await ask(`${url}/order`), JSON.parse(await ask(`${url}/flush`))];
    await ask(`${url}/crash`);
    expect({
      answers,
      ...withoutStack(await fixture.result),
      ...received(backend),
      orders: backend.metrics().findLast(({ name }) => name === 'shop.orders')?.value,
    }).toMatchObject({
      // Log records of the application's own are discarded by the SDK from then on.
      answers: ['shut down', 'ok', { ok: true, backend: 'connected', delivered: [true, false, true] }],
      code: 1,
      stderr: ['Error: no such order'],
      spans: sorted([
        ...REQUEST,
        'GET (server), unset',
        'GET (server), unset',
        'GET (server), error, interrupted',
        'load order (internal), error, exception: no such order, interrupted',
      ]),
      records: ['FATAL Error: no such order on load order', ...PROCESS],
      orders: 1,
    });
  });

  it('started in a later turn, and its shutdown not waited for: what has ended is delivered', async ({
    onTestFinished,
  }) => {
    const backend = await startBackend({ kind: 'ok' }, { onTestFinished });
    const end = await runFixture({
      program: ownNodeSdkProgram(version, 'late.cjs'),
      args: ['exit'],
      preload: 'none',
      env: { ...PATIENT, BACKEND: backend.url },
      onTestFinished,
    });
    expect({ ...end, ...received(backend) }).toEqual({
      code: 0,
      signal: null,
      stdout: '',
      stderr: '',
      spans: ['start (internal), unset'],
      records: PROCESS,
      services: ['shop'],
      authorizations: AUTHORIZED,
    });
  });

  it('a crash before it is started is told', async ({ onTestFinished }) => {
    const backend = await startBackend({ kind: 'ok' }, { onTestFinished });
    const end = await runFixture({
      program: ownNodeSdkProgram(version, 'late.cjs'),
      args: ['early'],
      preload: 'none',
      env: { ...PATIENT, BACKEND: backend.url },
      onTestFinished,
    });
    expect({ ...withoutStack(end), ...received(backend) }).toEqual({
      code: 1,
      signal: null,
      stdout: '',
      stderr: ['Error: no database'],
      spans: [],
      records: ['FATAL Error: no database on no span', ...PROCESS],
      services: ['shop'],
      authorizations: AUTHORIZED,
    });
  });

  it('a backend that is away: the exit code stays, one line tells what was lost', async ({ onTestFinished }) => {
    const { backend, fixture, url } = await serve(version, 'json', onTestFinished);
    await backend.stop();
    await ask(`${url}/exit`);
    const { stderr, ...end } = await fixture.result;
    expect({ ...end, lines: stderr.split('\n') }).toEqual({
      code: 3,
      signal: null,
      stdout: `listening on ${url}\n`,
      lines: [
        expect.stringMatching(/^swansong: lost at the end of the process: 2 spans \(.*\), 2 log records \(.*\)$/),
        '',
      ],
    });
  });

  it('exports are no http.client.request.duration of the application', async ({ onTestFinished }) => {
    const { backend, fixture, url } = await serve(version, 'batch', onTestFinished);
    await ask(`${url}/order`);
    await ask(`${url}/flush`);
    await ask(`${url}/flush`);
    await ask(`${url}/stop`);
    await fixture.result;
    const names = new Set(backend.metrics().map(({ name }) => name));
    expect(names).toContain('shop.orders');
    expect([...names].filter((name) => name.startsWith('http.client'))).toEqual([]);
  });
});

import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Backend, startBackend } from '../support/backend.ts';
import { type FixtureOptions, registerFile, runFixture } from '../support/run-fixture.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const fixtures = fileURLToPath(new URL('../fixtures/shutdown', import.meta.url));
/** Only the application's spans decide when the backend is called. */
const SPANS_ONLY = { OTEL_METRICS_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'none' };
const LATE =
  'swansong: 1 span (app) came after shutdown() and were kept for the end of the process. Call shutdown() last: close the servers, wait for the requests in flight, then shutdown().\n';
const NOT_STARTED =
  'swansong: not started in this thread, nothing is recorded or delivered. Preload it: node --import swansong/register app.js\n';

/** Runs it to its end; `received` are the names of the acknowledged spans, each as often as it was acknowledged. */
async function run(backend: Backend, { env, ...options }: FixtureOptions) {
  const result = await runFixture({
    ...options,
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: backend.url, ...SPANS_ONLY, ...env },
  });
  return { ...result, received: backend.acknowledgedSpans().map(({ name }) => name) };
}

const preloadingShutdown = ['--import', './preload-and-shut-down.mjs'];

/** A copy of work.mjs in an application where a package of this name is installed: the fixture shut-down-while-starting.cjs. */
function applicationWith(packageName: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'swansong-shutdown-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const modules = join(folder, 'node_modules');
  mkdirSync(join(modules, packageName), { recursive: true });
  copyFileSync(join(fixtures, 'shut-down-while-starting.cjs'), join(modules, packageName, 'index.js'));
  symlinkSync(repository, join(modules, 'swansong'));
  symlinkSync(join(repository, 'node_modules/@opentelemetry'), join(modules, '@opentelemetry'));
  copyFileSync(join(fixtures, 'work.mjs'), join(folder, 'work.mjs'));
  return join(folder, 'work.mjs');
}

describe('shutdown() is safe at any moment', () => {
  it('before swansong starts: that is reported, and later spans are delivered as usual', async () => {
    const nodeArguments = [...preloadingShutdown, '--import', registerFile];
    expect(await run(await startBackend(), { program: 'shutdown/work.mjs', preload: 'none', nodeArguments })).toEqual({
      code: 0,
      signal: null,
      stdout: 'early: true\nshutdown: true, 1 delivered\n',
      stderr: NOT_STARTED,
      received: ['work'],
    });
  });

  it('while swansong starts: later spans are delivered at exit', async () => {
    const options = { program: applicationWith('impatient'), env: { SWANSONG_INSTRUMENTATIONS: 'impatient' } };
    const { stderr, ...ended } = await run(await startBackend(), options);
    expect(ended).toEqual({
      code: 0,
      signal: null,
      stdout: 'early: true\nshutdown: true, 0 delivered\n',
      received: ['work'],
    });
    expect(stderr).toContain(LATE);
  });

  it('after the start, before the program begins: later spans are delivered at exit', async () => {
    const options = { program: 'shutdown/work.mjs', nodeArguments: preloadingShutdown };
    expect(await run(await startBackend(), options)).toEqual({
      code: 0,
      signal: null,
      stdout: 'early: true\nshutdown: true, 0 delivered\n',
      stderr: LATE,
      received: ['work'],
    });
  });

  it('during forceFlush(): one request, two reports', async () => {
    const backend = await startBackend({ kind: 'hold' });
    const running = run(backend, { program: 'shutdown/flush-and-shut-down.mjs', args: ['15000', '15000'] });
    await backend.waitFor(() => backend.requests.length === 1, 'the request');
    backend.release();
    const report = '{"ok":true,"timedOut":false,"delivered":1,"undelivered":0}\n';
    expect(await running).toEqual({
      code: 0,
      signal: null,
      stdout: report + report,
      stderr: '',
      received: ['work'],
    });
    expect(backend.requests).toHaveLength(1);
  });

  it('during a forceFlush() that would take longer: shutdown() ends it, and the process can end', async () => {
    const backend = await startBackend({ kind: 'mute', times: 1 });
    // Longer than a test may take.
    const args = ['60000', '200'];
    const running = run(backend, { program: 'shutdown/flush-and-shut-down.mjs', args });
    const flushed = '{"ok":false,"timedOut":false,"delivered":0,"undelivered":1}\n';
    const shut = '{"ok":false,"timedOut":true,"delivered":0,"undelivered":1}\n';
    // The end of the process delivers it after all.
    expect(await running).toEqual({ code: 0, signal: null, stdout: flushed + shut, stderr: '', received: ['work'] });
  });

  it('in an exit listener: everything is delivered at exit', async () => {
    expect(await run(await startBackend(), { program: 'shutdown/shut-down-in-exit-listener.mjs' })).toMatchObject({
      code: 3,
      signal: null,
      stdout: 'true\n',
      received: ['before', 'after'],
    });
  });
});

describe('the deadline of shutdown(), if nothing else keeps the process alive', () => {
  const MUTE = { kind: 'mute', times: 1 } as const;
  const DELIVERED = { ok: true, timedOut: false, delivered: 1, undelivered: 0 };
  const TIMED_OUT = { ok: false, timedOut: true, delivered: 0, undelivered: 1 };

  it.each([
    ['no limit, a slow backend', '{ timeoutMillis: Infinity }', { kind: 'ok', latencyMillis: 300 }, DELIVERED],
    [
      'no end but the signal’s',
      '{ timeoutMillis: Infinity, signal: AbortSignal.timeout(200) }',
      { kind: 'ok', latencyMillis: 60_000, times: 1 },
      TIMED_OUT,
    ],
    ['the signal aborts first', '{ timeoutMillis: 60_000, signal: AbortSignal.timeout(200) }', MUTE, TIMED_OUT],
    ['the timeout is first', '{ timeoutMillis: 200, signal: AbortSignal.timeout(60_000) }', MUTE, TIMED_OUT],
    // No attempt is made any more: the one that arrives is that of the end of the process.
    ['the signal has aborted', '{ signal: AbortSignal.abort() }', { kind: 'ok' }, TIMED_OUT],
    ['a timeout of 0', '{ timeoutMillis: 0 }', { kind: 'ok' }, TIMED_OUT],
    ['more than the maximum of a timer', '{ timeoutMillis: 2 ** 40 }', { kind: 'ok', latencyMillis: 300 }, DELIVERED],
  ] as const)('%s', async (_title, options, behaviour, report) => {
    const backend = await startBackend(behaviour);
    const program = 'shutdown/shut-down-by-signal.mjs';
    // What was not delivered in time is delivered by the end of the process.
    expect(await run(backend, { program, args: [options] })).toEqual({
      code: 0,
      signal: null,
      stdout: `${JSON.stringify(report)}\n`,
      stderr: '',
      received: ['work'],
    });
  });
});

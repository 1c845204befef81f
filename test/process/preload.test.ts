import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startBackend } from '../support/backend.ts';
import { registerFile, runFixture } from '../support/run-fixture.ts';

describe('the preload', () => {
  it('starts once, however often it is loaded', async () => {
    const backend = await startBackend();
    const result = await runFixture({
      program: 'emit-all-signals.mjs',
      nodeArguments: ['--require', registerFile, '--import', registerFile],
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: backend.url, NODE_OPTIONS: `--import ${registerFile}` },
    });
    expect(result).toMatchObject({ code: 0, stderr: '' });
    expect(backend.spans().map(({ name }) => name)).toEqual(['linked', 'work']);
  });

  it('starts in every worker thread, each with its own service.instance.id', async () => {
    const backend = await startBackend();
    const result = await runFixture({
      program: 'trace-in-worker.mjs',
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: backend.url },
    });
    expect(result).toEqual({ code: 0, signal: null, stdout: '', stderr: '' });
    expect(
      backend
        .spans()
        .map(({ name }) => name)
        .toSorted(),
    ).toEqual(['in the main thread', 'in the worker']);
    expect(new Set(backend.spans().map(({ resource }) => resource['service.instance.id'])).size).toBe(2);
  });

  it('changes nothing about a program: same output, same exit code, no listener', async () => {
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' };
    const without = await runFixture({ program: 'show-surroundings.mjs', preload: 'none', env });
    expect(without).toMatchObject({ code: 7, signal: null, stderr: '' });
    for (const preload of ['import', 'require'] as const) {
      expect(await runFixture({ program: 'show-surroundings.mjs', preload, env })).toEqual(without);
    }
  });

  it('stays off on a Node that is too old, and reports that in one line', async () => {
    const result = await runFixture({
      program: 'print-tracing.mjs',
      nodeArguments: [],
      preload: 'import',
      register: join(import.meta.dirname, '../fixtures/preload/pretend-node-20.cjs'),
      env: { SWANSONG_TEST_REGISTER: registerFile },
    });
    expect(result).toEqual({
      code: 0,
      signal: null,
      stdout: 'recording: false\n',
      stderr: 'swansong: Node.js 22.15 or later is needed (this is 20.19.0); swansong stays off.\n',
    });
  });

  it('on Bun says in one line what is missing there', async () => {
    const backend = await startBackend();
    const pretend = join(import.meta.dirname, '../fixtures/preload/pretend-bun.cjs');
    const run = (env: Readonly<Record<string, string>>) =>
      runFixture({
        program: 'print-tracing.mjs',
        nodeArguments: ['--require', pretend],
        env: { OTEL_EXPORTER_OTLP_ENDPOINT: backend.url, ...env },
      });
    expect(await run({})).toMatchObject({
      code: 0,
      stderr:
        'swansong: this is Bun 1.4.5, not Node.js: requests are not recorded, and nothing is delivered at the end of the process; call forceFlush() before it\n',
    });
    expect(await run({ OTEL_LOG_LEVEL: 'none' })).toMatchObject({ code: 0, stderr: '' });
    expect(await run({ OTEL_SDK_DISABLED: 'true' })).toMatchObject({ code: 0, stderr: '' });
  });

  it('stays off if another SDK has registered, and reports that in one line', async () => {
    const result = await runFixture({
      program: 'print-tracing.mjs',
      register: join(import.meta.dirname, '../fixtures/preload/foreign-sdk.cjs'),
      env: { SWANSONG_TEST_REGISTER: registerFile },
    });
    expect(result).toEqual({
      code: 0,
      signal: null,
      stdout: 'recording: false\nforeign\n',
      stderr:
        'swansong: another OpenTelemetry SDK has already registered trace (API 1.10.0); swansong stays off. Preload swansong before it.\n',
    });
  });

  it('never throws into the application: a broken installation is reported in one line', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'swansong-broken-'));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    cpSync(dirname(registerFile), directory, { recursive: true });
    writeFileSync(join(directory, 'preload.cjs'), "throw new Error('broken on purpose')");
    const result = await runFixture({ program: 'print-tracing.mjs', register: join(directory, 'register.cjs') });
    expect(result).toMatchObject({ code: 0, signal: null, stdout: 'recording: false\n' });
    expect(result.stderr).toMatch(
      /^swansong: could not start, the application runs without telemetry: Error: broken on purpose\n/,
    );
  });

  it('OTEL_SDK_DISABLED=true: nothing is recorded and nothing sent, but propagators work', async () => {
    const backend = await startBackend();
    const result = await runFixture({
      program: 'propagate.mjs',
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: backend.url, OTEL_SDK_DISABLED: 'TRUE', OTEL_PROPAGATORS: 'b3' },
    });
    expect(result).toEqual({
      code: 0,
      signal: null,
      stdout: '{"recording":false,"b3":"0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-1","ok":true}\n',
      stderr: '',
    });
    expect(backend.requests).toEqual([]);
  });
});

const NOT_STARTED =
  'swansong: not started in this thread, nothing is recorded or delivered. Preload it: node --import swansong/register app.js\n';

describe('the module for applications, without the preload', () => {
  it('does nothing, and reports once that nothing was started', async () => {
    const result = await runFixture({ program: 'use-without-preload.mjs', preload: 'none' });
    expect(result).toEqual({
      code: 0,
      signal: null,
      stdout: 'unknown true true\n',
      stderr: NOT_STARTED,
    });
  });
});

describe('invalid options', () => {
  it.each([
    [
      '{ timeoutMillis: -1 }',
      'timeoutMillis: expected a number of milliseconds, 0 or more (got -1); nothing was flushed',
    ],
    [
      '{ timeoutMillis: NaN }',
      'timeoutMillis: expected a number of milliseconds, 0 or more (got NaN); nothing was flushed',
    ],
    [
      '{ timeoutMillis: "5s" }',
      "timeoutMillis: expected a number of milliseconds, 0 or more (got '5s'); nothing was flushed",
    ],
    [
      '{ timeoutMillis: null }',
      'timeoutMillis: expected a number of milliseconds, 0 or more (got null); nothing was flushed',
    ],
    ['5000', 'options: expected an object (got 5000); nothing was flushed'],
    ['null', 'options: expected an object (got null); nothing was flushed'],
    ['{ signal: 1 }', 'signal: expected an AbortSignal (got 1); nothing was flushed'],
  ])('shutdown(%s) throws a TypeError, before anything is shut down', async (options, message) => {
    const backend = await startBackend();
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: backend.url, OTEL_METRICS_EXPORTER: 'none' };
    const run = { program: 'shut-down-with.mjs', args: [options], env };
    const stdout = `TypeError ${message}\nforceFlush: TypeError ${message}\nok: true\n`;
    // A span that came after shutdown() would be warned about.
    expect(await runFixture(run)).toEqual({ code: 0, signal: null, stdout, stderr: '' });
    // Where a mistake is made is often where there is no preload: in the tests of an application.
    expect(await runFixture({ ...run, preload: 'none' })).toEqual({
      code: 0,
      signal: null,
      stdout,
      stderr: NOT_STARTED,
    });
    expect(backend.acknowledgedSpans().map(({ name }) => name)).toEqual(['work']);
  });
});

describe('the command swansong', () => {
  it('on a Node that is too old says so in one line, and fails', async () => {
    const program = join(dirname(registerFile), 'bin.cjs');
    const result = await runFixture({
      program,
      args: ['collector'],
      preload: 'none',
      nodeArguments: ['--require', join(import.meta.dirname, '../fixtures/preload/pretend-node-20.cjs')],
    });
    expect(result).toEqual({
      code: 1,
      signal: null,
      stdout: '',
      stderr: 'swansong: Node.js 22.15 or later is needed (this is 20.19.0); swansong stays off.\n',
    });
  });

  it.each(['bin.cjs', 'register.cjs'])('%s, which an old Node reads, has no syntax later than ES2020', (name) => {
    const source = readFileSync(join(dirname(registerFile), name), 'utf8');
    // Logical assignment, private names, static blocks, `import … with`, top-level await: all that the bundles might have.
    expect(source).not.toMatch(/(?:\?\?|\|\||&&)=|[{;.]#[a-z]|static\s*\{|\bwith\s*\{|(?:^|;)await /m);
  });

  it.each(['bin.cjs', 'cli.mjs'])(
    '%s is not preloaded although NODE_OPTIONS says so: a collector must not report to itself',
    async (name) => {
      const result = await runFixture({
        program: join(dirname(registerFile), name),
        args: ['--version'],
        preload: 'node-options',
        env: { OTEL_LOG_LEVEL: 'debug', OTEL_SERVICE_NAME: 'told at debug' },
      });
      expect(result).toEqual({ code: 0, signal: null, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/), stderr: '' });
    },
  );
});

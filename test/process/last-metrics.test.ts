import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Backend, startBackend } from '../support/backend.ts';
import { runFixture } from '../support/run-fixture.ts';
import { readMetricsFile } from '../support/self-metrics-program.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

describe('the last interval of metrics', () => {
  it.each([
    ['drains', [7]],
    ['listener', [7]],
    // Collecting takes promises, and nothing runs after this.
    ['exit', []],
    // Those of the runtime alone are not worth a request, nor a wait for a backend.
    ['nothing', []],
  ])('of a job that %s', async (end, expected) => {
    const backend = await startBackend();
    const result = await runFixture({
      program: 'count-and-drain.mjs',
      args: [end],
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: backend.url },
    });
    const metrics = backend.metrics();
    expect({
      ...result,
      received: metrics.filter(({ name }) => name === 'job.rows').map(({ value }) => value),
      requests: backend.requests.length,
    }).toEqual({
      code: 0,
      signal: null,
      stdout: '',
      stderr: '',
      received: expected,
      // With the collection goes the word that the process started and ended.
      requests: expected.length === 0 ? 0 : 2,
    });
  });

  it('is collected once by a program that flushes before it ends', async () => {
    const backend = await startBackend();
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: backend.url, OTEL_LOGS_EXPORTER: 'none' };
    await runFixture({ program: 'emit-all-signals.mjs', env });
    expect(backend.requests.filter(({ path }) => path === '/v1/metrics')).toHaveLength(1);
  });

  it.each([
    ['flushes', 'flush'],
    ['flushes without waiting', 'flush without waiting'],
    ['flushes twice', 'flush twice'],
    ['is collected periodically just before', 'periodic'],
    ['drains twice', 'again'],
  ])('of a job that %s and then counts has everything', async (_title, how) => {
    const backend = await startBackend();
    const result = await runFixture({
      program: 'count-in-between.mjs',
      args: [how],
      env: {
        OTEL_EXPORTER_OTLP_ENDPOINT: backend.url,
        OTEL_LOGS_EXPORTER: 'none',
        OTEL_METRIC_EXPORT_INTERVAL: how === 'periodic' ? '200' : '60000',
      },
    });
    expect(result).toEqual({ code: 0, signal: null, stdout: '', stderr: '' });
    const last = (wanted: string) => backend.metrics().findLast(({ name }) => name === wanted);
    expect({
      rows: last('job.rows')?.value,
      open: last('job.open')?.value,
      millis: last('job.millis')?.count,
    }).toEqual({
      rows: 42,
      open: 42,
      millis: 2,
    });
  });

  it.each([
    ['41 more', '41', 42],
    ['as much again', '1', 2],
  ])('of a job that sends differences has %s', async (_title, more, expected) => {
    const backend = await startBackend();
    await runFixture({
      program: 'count-in-between.mjs',
      args: ['flush', more],
      env: {
        OTEL_EXPORTER_OTLP_ENDPOINT: backend.url,
        OTEL_LOGS_EXPORTER: 'none',
        OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'delta',
      },
    });
    const values = backend.metrics().flatMap(({ name, value }) => (name === 'job.rows' ? [Number(value)] : []));
    expect(values.reduce((sum, value) => sum + value, 0)).toBe(expected);
  });
});

describe('an asynchronous observable', () => {
  const counted = (backend: Backend) =>
    backend
      .metrics()
      .flatMap(({ name, value }) => (/^(?:job|other)\./.test(name) ? [`${name} ${value}`] : []))
      .toSorted();

  it.each([
    ['one that sleeps', true],
    ['a file’s size', true],
    ['one that ticks', true],
    ['one of the next turn', true],
    ['an unreferenced timer', true],
    ['one that starts a timer', true],
    ['one that reads for the next time', true],
    ['one that asks a server for the next time', true],
    ['one that rejects later', false],
    ['a promise that never settles', false],
    ['one that works for a minute', false],
  ])('is asked once when the program ends, then it ends: %s', async (what, isObserved) => {
    const backend = await startBackend();
    const { stderr, ...result } = await runFixture({
      program: 'observe-and-drain.mjs',
      args: [what],
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: backend.url },
    });
    expect({ ...result, received: counted(backend) }).toEqual({
      code: 0,
      signal: null,
      stdout: '1 calls\n',
      received: [...(isObserved ? ['job.gauge 1'] : []), 'job.rows 7', 'other.rows 8'],
    });
    expect(stderr).toMatch(isObserved ? /^$/ : /^swansong: a metric could not be collected/);
  });

  it.each(['one that sleeps', 'a file’s size'])('the console has it, too: %s', async (what) => {
    const { stdout } = await runFixture({
      program: 'observe-and-drain.mjs',
      args: [what],
      env: { OTEL_METRICS_EXPORTER: 'console', OTEL_TRACES_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'none' },
    });
    expect(stdout.match(/name: '\w+\.\w+'/g)).toEqual(
      expect.arrayContaining(["name: 'job.gauge'", "name: 'job.rows'", "name: 'other.rows'"]),
    );
  });

  it('that never settles does not keep the process alive by its time limit, which is as long as the interval', async () => {
    const backend = await startBackend();
    const result = await runFixture({
      program: 'observe-and-drain.mjs',
      args: ['a promise that never settles', '2'],
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: backend.url, OTEL_METRIC_EXPORT_INTERVAL: '100' },
    });
    expect(result).toMatchObject({ code: 0, signal: null, stdout: expect.stringMatching(/^\d+ calls\n$/) });
    expect(counted(backend)).toContain('job.rows 7');
  });

  it.each([
    ['drains', 0],
    ['drains with an exit code', 3],
    ['drains and works on in beforeExit for longer than the observable has', 0],
    ['awaits what never settles', 13],
  ])('that works for a minute ends with the program that %s, as it would end', async (how, code) => {
    const backend = await startBackend();
    const run = (preload: 'import' | 'none') =>
      runFixture({
        program: 'end-while-observing.mjs',
        args: [how],
        preload,
        env: { OTEL_EXPORTER_OTLP_ENDPOINT: backend.url, OTEL_LOGS_EXPORTER: 'none' },
      });
    const { stderr, ...result } = await run('import');
    const without = await run('none');
    expect(without.code).toBe(code);
    expect({
      ...result,
      stderr: stderr.replace(/^swansong: a metric could not be collected(?:.*\n(?: .*\n)*)/m, ''),
    }).toEqual(without);
  });

  it.each(['one that sleeps', 'a file’s size', 'a promise that never settles'])(
    'of self-metrics is asked once, too: %s',
    async (what) => {
      const folder = await temporaryFolder();
      const file = join(folder, 'self.jsonl');
      const result = await runFixture({
        program: 'self-metrics/observe-and-drain.mjs',
        args: [what, file],
        preload: 'none',
      });
      expect(result).toEqual({ code: 0, signal: null, stdout: '1 calls\n', stderr: '' });
      expect(readMetricsFile(file)).toContainEqual(expect.objectContaining({ name: 'job.rows', value: 7 }));
    },
  );

  it('a flush that does not wait for it until its end says so', async () => {
    const backend = await startBackend();
    const { stdout } = await runFixture({
      program: 'flush-slow-observable.mjs',
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: backend.url, OTEL_LOGS_EXPORTER: 'none' },
    });
    expect(JSON.parse(stdout)).toMatchObject({
      ok: false,
      timedOut: true,
      metrics: { delivered: 0, undelivered: 1, dropped: {} },
    });
  });
});

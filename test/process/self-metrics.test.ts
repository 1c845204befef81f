import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startBackend } from '../support/backend.ts';
import { freePort } from '../support/free-port.ts';
import { runFixture } from '../support/run-fixture.ts';
import { readMetricsFile, sample, SelfMetricsProgram } from '../support/self-metrics-program.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { waitFor } from '../support/wait-for.ts';
import { whenTestEnds } from '../support/when-test-ends.ts';

const NO_BACKEND = { OTEL_TRACES_EXPORTER: 'none', OTEL_METRICS_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'none' };

async function get(url: string): Promise<string> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return response.text();
}

async function takePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  whenTestEnds(() => void server.close());
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('expected a TCP address');
  return address.port;
}

describe('started by variables in a preloaded program', () => {
  it('serves, writes and sends, and createCollectorMetrics() of the program records on it', async () => {
    const folder = await temporaryFolder();
    const [backend, other] = [await startBackend(), await startBackend()];
    const file = join(folder, 'deep/self.jsonl');
    const program = new SelfMetricsProgram({
      env: {
        OTEL_EXPORTER_OTLP_ENDPOINT: backend.url,
        OTEL_SERVICE_NAME: 'shop',
        SWANSONG_SELF_METRICS_FILE: file,
        SWANSONG_SELF_METRICS_HTTP: '0',
        SWANSONG_SELF_METRICS_OTLP: other.url,
        SWANSONG_SELF_METRICS_OTLP_HEADERS: 'x-key=secret',
      },
    });
    const url = await program.start();
    await program.tell('count', 5, 2);
    await program.tell('spans', 1);
    const text = await get(`${url}/metrics`);
    expect(sample(text, /^collector_events_received_total\{signal="traces"/)).toBe(5);
    expect(sample(text, /^collector_events_invalid_total\{error_type="invalid_trace_id"/)).toBe(2);
    expect(sample(text, /^process_uptime\{/)).toBeGreaterThan(0);
    expect(text).toMatch(/^target_info\{.*service_name="shop"/m);
    // Nothing of one pipeline is in the other.
    expect(text).not.toContain('app_counter');

    // shutdown() ends this pipeline too, after the other one.
    await program.tell('count', 1, 0);
    expect(await program.tell('shutdown', 5000)).toMatchObject({ ok: true });
    await expect(fetch(`${url}/metrics`)).rejects.toThrow('fetch failed');
    expect(await program.end()).toEqual({ code: 0, stderr: '' });

    for (const points of [readMetricsFile(file), other.metrics()]) {
      expect(points.findLast(({ name }) => name === 'collector.events.received')).toMatchObject({
        value: 6,
        kind: 'sum',
        monotonic: true,
        temporality: 2,
        unit: '{event}',
        attributes: { signal: 'traces' },
        resource: { 'service.name': 'shop', 'telemetry.distro.name': 'swansong' },
      });
    }
    expect(other.requests[0]?.headers).toMatchObject({ 'x-key': 'secret' });
    expect(other.spans()).toEqual([]);
    // The requests to /metrics and those of the other exporter are no telemetry of the application.
    expect(backend.spans().map(({ name }) => name)).toEqual(['work']);
    const names = new Set(backend.metrics().map(({ name }) => name));
    expect(names).toContain('app.counter');
    expect(names).not.toContain('http.server.request.duration');
    expect(names).not.toContain('collector.events.received');
    const instances = [backend.metrics()[0], other.metrics()[0]].map((point) => point?.resource['service.instance.id']);
    expect(new Set(instances).size).toBe(2);
  });

  it('is exported while the backend hangs, and ends within the deadline of shutdown()', async () => {
    const folder = await temporaryFolder();
    const backend = await startBackend({ kind: 'mute' });
    const file = join(folder, 'self.jsonl');
    const program = new SelfMetricsProgram({
      env: {
        OTEL_EXPORTER_OTLP_ENDPOINT: backend.url,
        OTEL_BSP_SCHEDULE_DELAY: '10',
        OTEL_METRICS_EXPORTER: 'none',
        OTEL_LOGS_EXPORTER: 'none',
        SWANSONG_SELF_METRICS_HTTP: '0',
        SWANSONG_SELF_METRICS_FILE: file,
        SWANSONG_EXIT_TIMEOUT: '0',
      },
    });
    const url = await program.start();
    await program.tell('spans', 7);
    await backend.waitFor(() => backend.inFlight > 0, 'a request that hangs');
    const text = await get(`${url}/metrics`);
    expect(sample(text, /^otel_sdk_exporter_span_inflight\{/)).toBe(7);
    expect(sample(text, /^otel_sdk_exporter_span_exported_total\{/)).toBe(0);
    expect(sample(text, /^otel_sdk_span_started_total\{.*sampling_result="RECORD_AND_SAMPLE"/)).toBe(7);
    const report = await program.tell('shutdown', 500);
    expect(report).toMatchObject({ ok: false, timedOut: true, spans: { undelivered: 7 } });
    expect(await program.end()).toMatchObject({ code: 0 });
    expect(readMetricsFile(file).findLast(({ name }) => name === 'otel.sdk.exporter.span.inflight')).toMatchObject({
      value: 7,
    });
  });

  it('is not loaded if no variable enables it', async () => {
    const { code, stderr } = await runFixture({
      program: 'emit-all-signals.mjs',
      nodeArguments: ['--require', join(import.meta.dirname, '../fixtures/self-metrics/tell-loaded.cjs')],
      env: { ...NO_BACKEND, SWANSONG_SELF_METRICS_HTTP: ' ', SWANSONG_SELF_METRICS_INTERVAL: '10' },
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: 'self-metrics loaded: false\n' });
  });

  it('runs in the main thread only: in a worker port and file would be in use', async () => {
    const port = await freePort();
    const result = await runFixture({
      program: 'trace-in-worker.mjs',
      env: { ...NO_BACKEND, SWANSONG_SELF_METRICS_HTTP: `${port}` },
    });
    expect(result).toEqual({ code: 0, signal: null, stdout: '', stderr: '' });
  });

  it('a connection in the middle of a request does not keep the process alive', async () => {
    const program = new SelfMetricsProgram({ env: { ...NO_BACKEND, SWANSONG_SELF_METRICS_HTTP: '0' } });
    const url = await program.start();
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    whenTestEnds(() => void socket.destroy());
    let answer = '';
    socket.on('data', (chunk) => (answer += String(chunk)));
    // The end of a process may reset it.
    socket.on('error', () => {});
    const closed = once(socket, 'close');
    await new Promise<void>((resolve) => socket.write('GET /healthz HTTP/1.1\r\n', () => resolve()));
    // Connections are accepted in their order: this one is answered after the other was.
    expect(await get(`${url}/healthz`)).toBe('ok\n');
    expect(await program.end()).toEqual({ code: 0, stderr: '' });
    await closed;
    // Were it waited for, the request would be answered: 408, when its time is up.
    expect(answer).toBe('');
  });

  it('OTEL_SDK_DISABLED turns it off, too', async () => {
    const folder = await temporaryFolder();
    const file = join(folder, 'self.jsonl');
    const result = await runFixture({
      program: 'self-metrics/end.mjs',
      args: ['drain'],
      env: { OTEL_SDK_DISABLED: 'true', SWANSONG_SELF_METRICS_FILE: file, SWANSONG_SELF_METRICS_HTTP: '0' },
    });
    expect(result).toEqual({ code: 0, signal: null, stdout: 'undefined\nexit 0, drained 1\n', stderr: '' });
    expect(() => statSync(file)).toThrow('ENOENT');
  });

  it('an invalid variable is reported in one line, and the rest works', async () => {
    const folder = await temporaryFolder();
    const file = join(folder, 'self.jsonl');
    const result = await runFixture({
      program: 'self-metrics/end.mjs',
      args: ['drain'],
      env: { ...NO_BACKEND, SWANSONG_SELF_METRICS_HTTP: ':9464', SWANSONG_SELF_METRICS_FILE: file },
    });
    expect(result).toEqual({
      code: 0,
      signal: null,
      stdout: 'undefined\nexit 0, drained 1\n',
      stderr: 'swansong: SWANSONG_SELF_METRICS_HTTP: expected a port or host:port (got ":9464"), ignoring it\n',
    });
    expect(readMetricsFile(file)).not.toEqual([]);
  });
});

describe('started by the program', () => {
  it.each(['none', 'import'] as const)('works with the preload "%s"', async (preload) => {
    const folder = await temporaryFolder();
    const file = join(folder, 'self.jsonl');
    const other = await startBackend();
    const program = new SelfMetricsProgram({ preload, env: NO_BACKEND });
    // Counted nowhere: nothing runs yet.
    await program.tell('count', 100, 100);
    const url = await program.start({ http: 0, file, otlp: other.url, resource: { 'service.name': 'mine' } });
    await program.tell('count', 5, 2);
    expect(sample(await get(`${url}/metrics`), /^collector_events_received_total\{/)).toBe(5);
    expect(await program.tell('end', 5000)).toMatchObject({
      ok: true,
      timedOut: false,
      file: { delivered: 1, undelivered: 0, dropped: {} },
      otlp: { delivered: 1, undelivered: 0, dropped: {} },
    });
    expect(await program.end()).toEqual({ code: 0, stderr: '' });
    for (const points of [readMetricsFile(file), other.metrics()]) {
      expect(points.find(({ name }) => name === 'collector.events.invalid')).toMatchObject({
        value: 2,
        attributes: { 'error.type': 'invalid_trace_id' },
        resource: { 'service.name': 'mine' },
      });
    }
  });

  it('a port in use is reported in one line, and the file is written', async () => {
    const folder = await temporaryFolder();
    const file = join(folder, 'self.jsonl');
    const port = await takePort();
    const result = await runFixture({
      program: 'self-metrics/end.mjs',
      preload: 'none',
      args: ['drain', JSON.stringify({ http: port, file })],
    });
    expect(result).toEqual({
      code: 0,
      signal: null,
      stdout: 'undefined\nexit 0, drained 1\n',
      stderr: `swansong: cannot serve self-metrics on 127.0.0.1:${port}: the port is in use; going on without it\n`,
    });
    expect(readMetricsFile(file)).not.toEqual([]);
  });

  it('a file that cannot be written is reported in one line, the rest works, and it is written when possible again', async () => {
    const folder = await temporaryFolder();
    // A file where its folder should be: permissions do not stop root.
    const obstacle = join(folder, 'occupied');
    writeFileSync(obstacle, '');
    const file = join(obstacle, 'self.jsonl');
    const program = new SelfMetricsProgram({ preload: 'none' });
    const url = await program.start({ http: 0, file, intervalMillis: 300 });
    await program.fixture.line('cannot deliver', { stream: 'stderr' });
    await program.tell('count', 5, 2);
    expect(sample(await get(`${url}/metrics`), /^collector_events_received_total\{/)).toBe(5);
    rmSync(obstacle);
    await program.fixture.line('delivering telemetry', { stream: 'stderr' });
    await waitFor(() => readMetricsFile(file).some(({ name }) => name === 'collector.events.received'), 'the count');
    const { code, stderr } = await program.end();
    expect(code).toBe(0);
    expect(stderr.replaceAll(/after [\d.]+ s/g, 'after N s').split('\n')).toEqual([
      expect.stringMatching(
        /^swansong: cannot deliver telemetry to the file of self-metrics .*self\.jsonl: (?:EEXIST|ENOTDIR).*; keeping it and trying again$/,
      ),
      `swansong: delivering telemetry to the file of self-metrics ${file} again, after N s`,
      '',
    ]);
  });

  it('the file is rotated and limited in size, also at the end of the process', async () => {
    const folder = await temporaryFolder();
    const path = join(folder, 'self.jsonl');
    const options = JSON.stringify({ file: { path, maxBytes: 20_000, maxTotalBytes: 60_000 }, intervalMillis: 10 });
    for (let run = 0; run < 3; run += 1) {
      const result = await runFixture({ program: 'self-metrics/end.mjs', preload: 'none', args: ['drain', options] });
      expect(result).toMatchObject({ code: 0, stderr: '' });
    }
    const files = readMetricsFile(path);
    expect(files.at(-1)).toBeDefined();
    const sizes = readdirSync(folder).map((name) => statSync(join(folder, name)).size);
    expect(sizes.length).toBeGreaterThan(1);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(60_000);
  });
});

describe('the end of a process without shutdown()', () => {
  it.each(['none', 'import'] as const)(
    'drained, with the preload "%s": the last values are in the file, and nothing kept it alive',
    async (preload) => {
      const folder = await temporaryFolder();
      const file = join(folder, 'self.jsonl');
      const silent = await startBackend({ kind: 'mute' });
      const result = await runFixture({
        program: 'self-metrics/end.mjs',
        preload,
        env: NO_BACKEND,
        args: ['drain', JSON.stringify({ file, http: 0, otlp: silent.url })],
      });
      // Drained once: the last collection adds no turn of the event loop.
      expect(result).toEqual({ code: 0, signal: null, stdout: 'string\nexit 0, drained 1\n', stderr: '' });
      expect(readMetricsFile(file).filter(({ name }) => name === 'collector.events.received')).toMatchObject([
        { value: 3 },
      ]);
    },
  );

  it.each([
    ['exit', 3],
    ['throw', 1],
  ] as const)(
    '%s: the code is its own, and the file holds whole lines of intervals that were over',
    async (way, code) => {
      const folder = await temporaryFolder();
      const file = join(folder, 'self.jsonl');
      const result = await runFixture({
        program: 'self-metrics/end.mjs',
        preload: 'none',
        args: [way, JSON.stringify({ file, http: 0, intervalMillis: 10 })],
      });
      expect(result).toMatchObject({ code, signal: null, stdout: `string\nexit ${code}, drained 0\n` });
      // Counted before the last interval; what was counted after it is lost.
      expect(readMetricsFile(file).findLast(({ name }) => name === 'collector.events.received')).toMatchObject({
        value: 1,
      });
    },
  );

  it('a missing folder is reported', async () => {
    const folder = await temporaryFolder();
    const file = join(folder, 'gone/self.jsonl');
    mkdirSync(join(folder, 'gone'));
    const program = new SelfMetricsProgram({ preload: 'none' });
    await program.start({ file });
    await waitFor(() => statSync(file, { throwIfNoEntry: false }), 'the file');
    rmSync(join(folder, 'gone'), { recursive: true });
    const { code, stderr } = await program.end();
    expect(code).toBe(0);
    // The last line: the folder may go while the file is still being opened, which is told too.
    expect(stderr.split('\n').at(-2)).toMatch(
      /^swansong: cannot write the last 1 collection of self-metrics to .*self\.jsonl: .*ENOENT.*$/,
    );
  });
});

it('invalid options throw before anything is started', async () => {
  const program = new SelfMetricsProgram({ preload: 'none' });
  program.fixture.write('start {"http":"localhost"}\n');
  const { code, stderr } = await program.fixture.result;
  expect(code).toBe(1);
  expect(stderr).toContain('TypeError: http: expected a port or host:port (got "localhost"); nothing was started');
});

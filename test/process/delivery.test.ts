import { describe, expect, it } from 'vitest';
import type { Behaviour } from '../support/behaviour.ts';
import { type Backend, startBackend } from '../support/backend.ts';
import { Obedient, type ObedientReport } from '../support/obedient.ts';
import { runFixture } from '../support/run-fixture.ts';

const FAILS = /^swansong: cannot deliver telemetry to http:\/\/127\.0\.0\.1:\d+: .*; keeping it and trying again$/;
const RECOVERS = /^swansong: delivering telemetry to http:\/\/127\.0\.0\.1:\d+ again, after \d+\.\d s$/;

function obedient(backend: Backend, env: Record<string, string> = {}): Obedient {
  // No metrics: only spans decide when the backend is called.
  return new Obedient({ env: { OTEL_EXPORTER_OTLP_ENDPOINT: backend.url, OTEL_METRICS_EXPORTER: 'none', ...env } });
}

function lines(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}

/** Names of the acknowledged spans, and that none was acknowledged twice. */
function acknowledged(backend: Backend): string[] {
  const ids = backend.acknowledgedSpans().map(({ spanId }) => spanId);
  expect(new Set(ids).size).toBe(ids.length);
  return backend.acknowledgedSpans().map(({ name }) => name);
}

/** What goes wrong for a while, and then does not. */
const PASSING_FAULTS: readonly (Behaviour & { readonly name: string })[] = [
  { name: 'answers 503', kind: 'status', status: 503 },
  { name: 'answers 429 with Retry-After', kind: 'status', status: 429, retryAfter: 1 },
  { name: 'answers 502', kind: 'status', status: 502 },
  { name: 'answers 504', kind: 'status', status: 504 },
  { name: 'breaks off in the middle of a response', kind: 'half' },
  { name: 'resets the connection', kind: 'reset' },
  { name: 'does not answer within the timeout', kind: 'mute' },
];

describe('a backend that fails for a while: nothing is lost, nothing acknowledged twice, one line at the failure and one at the recovery', () => {
  it.each(PASSING_FAULTS)('$name', async ({ name: _name, ...behaviour }) => {
    const backend = await startBackend({ ...behaviour, times: 1 });
    const program = obedient(backend, { OTEL_EXPORTER_OTLP_TIMEOUT: '300' });
    await program.spans(700);
    const report = await program.flush(15_000);
    expect(report).toMatchObject({ ok: true, timedOut: false, spans: { delivered: 700, undelivered: 0, dropped: {} } });
    expect(acknowledged(backend).toSorted()).toEqual(Array.from({ length: 700 }, (_, i) => `span ${i + 1}`).toSorted());
    const { stderr, ...end } = await program.end();
    expect(end).toEqual({ code: 0, signal: null });
    expect(lines(stderr)).toEqual([expect.stringMatching(FAILS), expect.stringMatching(RECOVERS)]);
  });

  it('refuses connections', async () => {
    const backend = await startBackend();
    await backend.stop();
    const program = obedient(backend);
    await program.spans(1500);
    expect(await program.flush(1500)).toMatchObject({
      ok: false,
      timedOut: true,
      spans: { delivered: 0, undelivered: 1500, dropped: {} },
      errors: [expect.stringContaining('ECONNREFUSED')],
    });
    expect(await program.status()).toMatchObject({ backend: 'failing', spans: { accepted: 1500, waiting: 1500 } });
    await backend.start();
    expect(await program.flush(15_000)).toMatchObject({
      ok: true,
      spans: { delivered: 1500, undelivered: 0, dropped: {} },
    });
    expect(await program.status()).toMatchObject({ backend: 'connected' });
    expect(acknowledged(backend)).toHaveLength(1500);
    const { stderr } = await program.end();
    expect(lines(stderr)).toEqual([expect.stringMatching(FAILS), expect.stringMatching(RECOVERS)]);
  });

  it('is unreachable until the queue is full: the oldest are dropped and counted, and one line reports it', async () => {
    const backend = await startBackend();
    await backend.stop();
    const program = obedient(backend, { OTEL_BSP_MAX_QUEUE_SIZE: '100', OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '10' });
    await program.spans(250);
    expect(await program.status()).toMatchObject({
      spans: { accepted: 250, waiting: 100, dropped: { queue_full: 150 } },
    });
    await backend.start();
    // They were lost before this call, which loses nothing.
    expect(await program.flush(15_000)).toMatchObject({
      ok: true,
      spans: { delivered: 100, undelivered: 0, dropped: {} },
    });
    expect(await program.status()).toMatchObject({ spans: { delivered: 100, dropped: { queue_full: 150 } } });
    expect(acknowledged(backend).toSorted()).toEqual(
      Array.from({ length: 100 }, (_, i) => `span ${i + 151}`).toSorted(),
    );
    const { stderr } = await program.end();
    expect(lines(stderr)).toEqual([
      'swansong: losing spans (queue_full): more than 100 were waiting; further losses are only counted',
      expect.stringMatching(FAILS),
      expect.stringMatching(RECOVERS),
      'swansong: lost at the end of the process: 150 spans (queue_full)',
    ]);
  });
});

describe('a backend that refuses with a final status: not sent again, counted, reported in one line', () => {
  it.each([400, 401, 404, 500])('answers %i', async (status) => {
    const backend = await startBackend({ kind: 'status', status, message: 'no, thank you' });
    const program = obedient(backend);
    await program.spans(3);
    expect(await program.flush(5000)).toMatchObject({
      ok: false,
      timedOut: false,
      spans: { delivered: 0, dropped: { refused: 3 } },
    });
    backend.behave({ kind: 'ok' });
    await program.spans(2);
    expect(await program.flush(5000)).toMatchObject({ ok: true, spans: { delivered: 2, dropped: {} }, errors: [] });
    expect(await program.status()).toMatchObject({ spans: { delivered: 2, dropped: { refused: 3 } } });
    expect(backend.requests).toHaveLength(2);
    const { stderr } = await program.end();
    expect(lines(stderr)).toEqual([
      `swansong: losing spans (refused): HTTP ${status} (no, thank you); further losses are only counted`,
      'swansong: lost at the end of the process: 3 spans (refused)',
    ]);
  });

  it('accepts a part', async () => {
    const backend = await startBackend({ kind: 'partial', rejected: 2, message: 'two had no name' });
    const program = obedient(backend);
    await program.spans(5);
    expect(await program.flush(5000)).toMatchObject({
      ok: false,
      spans: { delivered: 3, undelivered: 0, dropped: { rejected: 2 } },
    });
    expect(backend.requests).toHaveLength(1);
    const { stderr } = await program.end();
    expect(lines(stderr)).toEqual([
      'swansong: losing spans (rejected): two had no name; further losses are only counted',
      'swansong: lost at the end of the process: 2 spans (rejected)',
    ]);
  });

  it('finds a request too large: it is halved until it fits', async () => {
    const backend = await startBackend({ kind: 'status', status: 413, times: 3 });
    const program = obedient(backend);
    await program.spans(8);
    expect(await program.flush(5000)).toMatchObject({ ok: true, spans: { delivered: 8, dropped: {} } });
    expect(acknowledged(backend)).toHaveLength(8);
  });
});

describe('delivery in the background', () => {
  it('sends several batches at a time to a backend that is far away', async () => {
    const backend = await startBackend({ kind: 'hold' });
    const program = obedient(backend);
    await program.spans(2048);
    await backend.waitFor(() => backend.inFlight === 4, 'four requests at once');
    backend.behave({ kind: 'ok' });
    backend.release();
    await backend.waitFor(() => acknowledged(backend).length === 2048, 'all spans');
    expect(await program.status()).toMatchObject({
      backend: 'connected',
      spans: { delivered: 2048, waiting: 0, dropped: {} },
    });
  });

  it('does not keep the process alive, although the backend never answers', async () => {
    const backend = await startBackend({ kind: 'mute' });
    // Long enough for the exit worker to start on a busy machine: until then nothing is sent, and the line would say so.
    const program = obedient(backend, { SWANSONG_EXIT_TIMEOUT: '2000' });
    await program.spans(600);
    await backend.waitFor(() => backend.inFlight === 1, 'a request without an answer');
    expect(await program.end()).toEqual({
      code: 0,
      signal: null,
      stderr:
        'swansong: lost at the end of the process: 600 spans (no answer in time), 2 log records (no answer in time)\n',
    });
  });
});

describe('shutdown and forceFlush', () => {
  it('resolve at their deadline with what is left, whatever the backend does', async () => {
    const backend = await startBackend({ kind: 'mute' });
    const program = obedient(backend);
    await program.spans(4);
    expect(await program.flush(200)).toMatchObject({
      ok: false,
      timedOut: true,
      spans: { delivered: 0, undelivered: 4, dropped: {} },
    });
    expect(await program.shutdown(200)).toMatchObject({
      ok: false,
      timedOut: true,
      spans: { delivered: 0, undelivered: 4, dropped: {} },
    });
    await backend.waitFor(() => backend.inFlight === 0, 'the end of the attempt');
    expect(await program.end()).toMatchObject({ code: 0, signal: null });
  });

  it('a flush waits for the batch that is in flight already', async () => {
    const backend = await startBackend({ kind: 'hold' });
    const program = obedient(backend, { OTEL_BSP_SCHEDULE_DELAY: '0' });
    await program.spans(1);
    await backend.waitFor(() => backend.inFlight === 1, 'a request');
    const flushed = program.flush(15_000);
    await program.fixture.line('flushing');
    backend.behave({ kind: 'ok' });
    backend.release();
    expect(await flushed).toMatchObject({ ok: true, spans: { delivered: 1, undelivered: 0 } });
    expect(backend.requests).toHaveLength(1);
  });

  it('spans that end after shutdown are kept, and another flush delivers them', async () => {
    const backend = await startBackend();
    const program = obedient(backend);
    await program.spans(1);
    expect(await program.shutdown(5000)).toMatchObject({ ok: true, spans: { delivered: 1 } });
    await program.spans(1);
    expect(await program.status()).toMatchObject({ spans: { delivered: 1, waiting: 1 } });
    expect(await program.flush(5000)).toMatchObject({ ok: true, spans: { delivered: 1, undelivered: 0 } });
  });
});

describe('a report is about its own call', () => {
  const NONE = { delivered: 0, undelivered: 0, dropped: {} };
  const busy = (backend: Backend, end: string, env = {}) =>
    runFixture({
      program: 'flush-in-traffic.mjs',
      args: [end],
      env: {
        OTEL_EXPORTER_OTLP_ENDPOINT: backend.url,
        OTEL_METRICS_EXPORTER: 'none',
        OTEL_LOGS_EXPORTER: 'none',
        ...env,
      },
    });

  it.each(['forceFlush', 'shutdown', 'gracefulShutdown'])(
    '%s() in a program with traffic: what ends meanwhile does not count',
    async (end) => {
      const backend = await startBackend({ kind: 'ok', latencyMillis: 100 });
      const { code, stdout, stderr } = await busy(backend, end);
      // The warning about the wrong order names what came after shutdown().
      expect({ code, stderr: lines(stderr).filter((line) => !line.includes('after shutdown()')) }).toEqual({
        code: 0,
        stderr: [],
      });
      const { before, report, ended }: { before: number; report: ObedientReport; ended: number } = JSON.parse(stdout);
      expect(ended).toBeGreaterThan(before);
      expect(report).toMatchObject({ ok: true, timedOut: false, errors: [] });
      expect(report.spans).toEqual({ ...NONE, delivered: report.spans.delivered });
      expect(report.spans.delivered).toBeGreaterThanOrEqual(before);
      // Only gracefulShutdown() flushes twice.
      expect(report.spans.delivered > before).toBe(end === 'gracefulShutdown');
      // At the end of the process comes the rest.
      expect(acknowledged(backend)).toHaveLength(ended);
    },
  );

  it('after a bad minute: reports are good again, status() remembers', async () => {
    const backend = await startBackend({ kind: 'status', status: 503 });
    const program = obedient(backend, { OTEL_BSP_MAX_QUEUE_SIZE: '10', OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '5' });
    await program.spans(30);
    expect(await program.flush(300)).toMatchObject({ ok: false, errors: ['HTTP 503 (status 503 as told)'] });
    backend.behave({ kind: 'ok' });
    expect(await program.flush(15_000)).toMatchObject({ ok: true, errors: [] });
    await program.spans(1);
    expect(await program.flush(15_000)).toMatchObject({ ok: true, spans: { ...NONE, delivered: 1 }, errors: [] });
    // An error of then is not why there is no answer now.
    backend.behave({ kind: 'mute' });
    await program.spans(1);
    expect(await program.flush(200)).toMatchObject({
      ok: false,
      spans: { ...NONE, undelivered: 1 },
      errors: [expect.stringMatching(/^no answer within \d+ ms$/)],
    });
    expect(await program.status()).toMatchObject({
      lastError: 'HTTP 503 (status 503 as told)',
      spans: { accepted: 32, waiting: 1 },
    });
  });

  it('of a call that makes no attempt: why the backend could not be reached before', async () => {
    const backend = await startBackend({ kind: 'status', status: 503, retryAfter: '600' });
    const program = obedient(backend, { SWANSONG_EXIT_TIMEOUT: '100' });
    await program.spans(1);
    expect(await program.flush(500)).toMatchObject({ ok: false, errors: ['HTTP 503 (status 503 as told)'] });
    expect(await program.flush(100)).toMatchObject({
      ok: false,
      errors: ['HTTP 503 (status 503 as told)'],
      spans: { undelivered: 1 },
    });
    expect(backend.requests).toHaveLength(1);
  });
});

describe('more open spans than are held', () => {
  const MAX = 10_000;

  it.each([
    ['of which some end in time', MAX + 7, 5, '2 spans'],
    ['of which none ends', MAX + 3, 0, '3 spans'],
    ['all of which end in time', MAX + 5, 5, ''],
  ])('%s: those that are lost are told', async (_title, count, ended, lost) => {
    const backend = await startBackend();
    const { code, stderr } = await runFixture({
      program: 'open-many-spans.mjs',
      args: [`${count}`, `${ended}`],
      env: {
        OTEL_EXPORTER_OTLP_ENDPOINT: backend.url,
        OTEL_METRICS_EXPORTER: 'none',
        OTEL_LOGS_EXPORTER: 'none',
        SWANSONG_EXIT_TIMEOUT: '15000',
      },
    });
    expect({ code, stderr, received: acknowledged(backend).length }).toEqual({
      code: 0,
      stderr: lost === '' ? '' : `swansong: lost at the end of the process: ${lost} (open, and too many to be held)\n`,
      received: MAX + ended,
    });
  });
});

import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, createServer as createNetServer, type Server as NetServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type FlushableTelemetry, GracefulShutdown } from '../../../src/shutdown/graceful-shutdown.ts';
import type { GracefulShutdownOptions, StepContext } from '../../../src/shutdown/graceful-options.ts';
import { reportNothing, type ShutdownReport } from '../../../src/shutdown/flush-report.ts';

const forever = () => new Promise<never>(() => {});

function setUp(telemetry: Partial<FlushableTelemetry> = {}) {
  const calls: string[] = [];
  const given: Record<string, { timeoutMillis?: number; signal?: AbortSignal }> = {};
  const graceful = new GracefulShutdown({
    stopping(reason) {
      calls.push(reason === undefined ? 'stopping' : `stopping: ${reason}`);
      telemetry.stopping?.(reason);
    },
    flush(options) {
      calls.push('flush');
      given['flush'] = options;
      return telemetry.flush?.(options) ?? Promise.resolve(reportNothing());
    },
    shutdown(options) {
      calls.push('shutdown');
      given['shutdown'] = options;
      return telemetry.shutdown?.(options) ?? Promise.resolve(reportNothing({ reason: 'last' }));
    },
  });
  return { calls, given, run: (options?: GracefulShutdownOptions) => graceful.run(options) };
}

async function listening(server: NetServer): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return port;
}

/** A plain TCP server with a connection that nobody ends. */
async function withConnection(): Promise<NetServer> {
  const server = createNetServer((socket) => socket.on('error', () => {}));
  const port = await listening(server);
  const accepted = once(server, 'connection');
  const client = connect(port, '127.0.0.1').on('error', () => {});
  onTestFinished(() => void client.destroy());
  await accepted;
  return server;
}

async function httpServer(): Promise<Server> {
  const server = createServer((_request, response) => response.end());
  await listening(server);
  return server;
}

describe('GracefulShutdown', () => {
  it('calls onDraining, closes the servers, flushes, calls close in order, and shuts telemetry down last', async () => {
    const { calls, run } = setUp();
    const server = await httpServer();
    server.on('close', () => calls.push('server closed'));
    const report = await run({
      reason: 'SIGTERM',
      servers: [server],
      onDraining: () => void calls.push(`draining, listening: ${server.listening}`),
      onUpgradedSockets: () => void calls.push('upgraded'),
      close: [() => void calls.push('first'), async () => void calls.push('second')],
    });
    expect(calls).toEqual([
      'stopping: SIGTERM',
      'draining, listening: true',
      'upgraded',
      'server closed',
      'flush',
      'first',
      'second',
      'shutdown',
    ]);
    expect(report).toEqual({
      ok: true,
      timedOut: false,
      durationMillis: expect.any(Number),
      servers: [
        { ok: true, connectionsDestroyed: 0, requestsCut: 0, connectionsLeft: 0, durationMillis: expect.any(Number) },
      ],
      closed: [
        { index: 0, ok: true, durationMillis: expect.any(Number) },
        { index: 1, ok: true, durationMillis: expect.any(Number) },
      ],
      telemetry: reportNothing({ reason: 'last' }),
      errors: [],
    });
  });

  it('a second call returns the promise of the first, and its options are checked', async () => {
    const { calls, run } = setUp();
    const first = run();
    expect(run({ close: [() => void calls.push('again')] })).toBe(first);
    expect(() => run({ timeoutMillis: -1 })).toThrow(TypeError);
    await first;
    expect(calls).toEqual(['stopping', 'flush', 'shutdown']);
  });

  it('rejects invalid options before anything is closed, and can be called again', async () => {
    const { calls, run } = setUp();
    const server = await httpServer();
    expect(() => run({ servers: [server], timeoutMillis: NaN })).toThrow(TypeError);
    expect(server.listening).toBe(true);
    expect(calls).toEqual([]);
    expect(await run({ servers: [server] })).toMatchObject({ ok: true });
    expect(server.listening).toBe(false);
  });

  it('handles servers that are missing, do not listen, or have been closed', async () => {
    const { run } = setUp();
    const closed = await httpServer();
    closed.close();
    expect(await run({ servers: [null, undefined, createServer(), closed] })).toMatchObject({
      ok: true,
      servers: [{ ok: true }, { ok: true }, { ok: true }, { ok: true }],
    });
  });

  it('continues after a callback that throws, whatever it throws', async () => {
    const { calls, run } = setUp();
    const thrown = new Error('no readiness');
    const report = await run({
      onDraining() {
        throw thrown;
      },
      onUpgradedSockets: () => Promise.reject(new Error('no sockets')),
      close: [
        () => {
          // oxlint-disable-next-line no-throw-literal
          throw { toString: null };
        },
        () => Promise.reject(undefined as unknown),
        () => void calls.push('third'),
      ],
    });
    expect(report).toMatchObject({ ok: false, timedOut: false, closed: [{ ok: false }, { ok: false }, { ok: true }] });
    expect(report.errors.map(({ message }) => message)).toEqual([
      'onDraining: no readiness',
      'onUpgradedSockets: no sockets',
      'close[0]: threw a value that cannot be shown',
      'close[1]: undefined',
    ]);
    expect(report.errors[0]?.cause).toBe(thrown);
    expect(report.closed[0]?.error).toBe(report.errors[2]);
    expect(calls).toEqual(['stopping', 'flush', 'third', 'shutdown']);
  });

  it('a callback that hangs leaves the others their share, and its signal aborts when its time is up', async () => {
    const { run } = setUp();
    const contexts: StepContext[] = [];
    const hang = (context: StepContext) => {
      contexts.push(context);
      return forever();
    };
    const quick = (context: StepContext) => void contexts.push(context);
    const { closed, timedOut, ok } = await run({ timeoutMillis: 200, close: [hang, quick, hang] });
    expect({ ok, timedOut }).toEqual({ ok: false, timedOut: true });
    expect(closed.map((one) => one.ok)).toEqual([false, true, false]);
    expect(contexts.map(({ signal }) => signal.aborted)).toEqual([true, false, true]);
    const [first = 0, , third = 0] = contexts.map(({ remainingMillis }) => remainingMillis);
    expect(first).toBeGreaterThan(0);
    // What the quick one left.
    expect(third).toBeGreaterThan(first * 1.2);
  });

  it('keeps serving for the readiness delay, and gives the reason to the shutdown of telemetry', async () => {
    const { given, run } = setUp();
    const server = await httpServer();
    const READINESS_DELAY_MILLIS = 120;
    // Timers fire in the order of their times, however late.
    const halfway = new Promise<boolean>((resolve) =>
      setTimeout(() => resolve(server.listening), READINESS_DELAY_MILLIS / 2),
    );
    const running = run({
      servers: [server],
      // So long that a test which waits for all of it fails.
      timeoutMillis: 600_000,
      readinessDelayMillis: READINESS_DELAY_MILLIS,
      reason: 'SIGTERM',
    });
    expect(await halfway).toBe(true);
    expect(await running).toMatchObject({ ok: true, servers: [{ ok: true }] });
    expect(server.listening).toBe(false);
    expect(given['shutdown']).toMatchObject({ reason: 'SIGTERM' });
  });

  it('has no server for one that is missing, and no reason where none is given', async () => {
    const { given, run } = setUp();
    const none = { ok: true, connectionsDestroyed: 0, requestsCut: 0, connectionsLeft: 0, durationMillis: 0 };
    expect(await run({ servers: [undefined] })).toMatchObject({ servers: [none] });
    expect(given['shutdown']).not.toHaveProperty('reason');
  });

  it('goes on where telemetry cannot record that it is stopping', async () => {
    const failure = new TypeError('broken');
    const { calls, run } = setUp({
      stopping() {
        throw failure;
      },
    });
    const report = await run();
    expect(calls).toEqual(['stopping', 'flush', 'shutdown']);
    expect(report).toMatchObject({ ok: true, errors: [{ message: 'telemetry stopping: threw', cause: failure }] });
  });

  it('an onDraining that hangs leaves time for the requests', async () => {
    const { run } = setUp();
    const server = await httpServer();
    const report = await run({ servers: [server], timeoutMillis: 100, onDraining: forever });
    expect(report).toMatchObject({ ok: false, timedOut: true, servers: [{ ok: true }] });
    expect(report.errors).toHaveLength(1);
  });

  it('does not wait for onUpgradedSockets when the servers have closed', async () => {
    const { run } = setUp();
    const contexts: StepContext[] = [];
    const onUpgradedSockets = (context: StepContext) => {
      contexts.push(context);
      return forever();
    };
    const report = await run({ servers: [await httpServer()], timeoutMillis: 60_000, onUpgradedSockets });
    expect(report).toMatchObject({ ok: true, timedOut: false, errors: [] });
    expect(contexts.map(({ signal }) => signal.aborted)).toEqual([true]);
  });

  it('connections that do not end cannot use the time reserved for telemetry', async () => {
    const { given, run } = setUp();
    const report = await run({ servers: [await withConnection()], timeoutMillis: 400, close: [() => {}] });
    expect(report).toMatchObject({
      ok: false,
      timedOut: true,
      servers: [{ ok: false, connectionsDestroyed: 1, requestsCut: 0, connectionsLeft: 0 }],
      closed: [{ ok: true }],
      errors: [{ message: 'servers[0]: 1 connection destroyed at the deadline, 0 requests cut' }],
    });
    expect(given['flush']?.timeoutMillis).toBeGreaterThan(0);
    expect(given['flush']?.timeoutMillis).toBeLessThanOrEqual(100);
    expect(given['shutdown']?.timeoutMillis).toBeGreaterThan(100);
  });

  it('ends at once when the signal aborts', async () => {
    const { given, run } = setUp();
    const controller = new AbortController();
    const server = await withConnection();
    const running = run({
      servers: [server],
      timeoutMillis: 60_000,
      signal: controller.signal,
      onUpgradedSockets: () => controller.abort(),
      close: [forever],
    });
    expect(await running).toMatchObject({
      ok: false,
      timedOut: true,
      servers: [{ connectionsDestroyed: 1 }],
      closed: [{ ok: false }],
    });
    expect(given['shutdown']).toMatchObject({ timeoutMillis: 0, signal: controller.signal });
  });

  it('telemetry that is not delivered does not make a clean shutdown a failed one', async () => {
    const undelivered: ShutdownReport = { ...reportNothing({ timedOut: true }), ok: false };
    const { run } = setUp({ shutdown: () => Promise.resolve(undelivered) });
    const report = await run();
    expect(report).toMatchObject({ ok: true, timedOut: false, errors: [] });
    expect(report.telemetry).toBe(undelivered);
  });

  it('telemetry that hangs or throws is abandoned, and reported', async () => {
    const failure = new TypeError('broken');
    const { calls, run } = setUp({ flush: forever, shutdown: () => Promise.reject(failure) });
    const report = await run({ timeoutMillis: 100, close: [() => void calls.push('closed')] });
    expect(calls).toEqual(['stopping', 'flush', 'closed', 'shutdown']);
    expect(report).toMatchObject({ ok: true, telemetry: { ok: false, timedOut: false } });
    expect(report.errors.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^telemetry flush: did not end within the \d+ ms it had$/),
      'telemetry shutdown: broken',
    ]);
    expect(report.errors[1]?.cause).toBe(failure);
  });

  it('what the first flush delivered is in the report although the shutdown of telemetry has failed', async () => {
    const spans = { delivered: 5, undelivered: 0, dropped: { queue_full: 2 } };
    const { run } = setUp({
      flush: () => Promise.resolve({ ...reportNothing(), spans }),
      shutdown: () => Promise.reject(new TypeError('broken')),
    });
    expect(await run()).toMatchObject({ telemetry: { ok: false, spans } });
  });

  it('a server whose methods throw is reported, and the others are closed', async () => {
    const { run } = setUp();
    const broken = await httpServer();
    broken.close();
    const cause = new Error('no count');
    broken.getConnections = () => {
      throw cause;
    };
    const server = await httpServer();
    const report = await run({ servers: [broken, server] });
    expect(report).toMatchObject({ ok: false, servers: [{ ok: false }, { ok: true }] });
    expect(report.errors).toMatchObject([{ message: 'servers[0]: could not be closed', cause }]);
    expect(server.listening).toBe(false);
  });

  it('leaves nothing in the event loop, and no signal handler', async () => {
    const { run } = setUp();
    const signals = process.listenerCount('SIGTERM') + process.listenerCount('SIGINT');
    const before = process.getActiveResourcesInfo();
    await run({ servers: [await httpServer()], timeoutMillis: 100, onUpgradedSockets: forever, close: [forever] });
    // A timer of the test runner's may end meanwhile: nothing may be there that was not there before.
    const after = process.getActiveResourcesInfo();
    for (const type of before) if (after.includes(type)) after.splice(after.indexOf(type), 1);
    expect(after).toEqual([]);
    expect(process.listenerCount('SIGTERM') + process.listenerCount('SIGINT')).toBe(signals);
  });
});

import { once } from 'node:events';
import { createServer } from 'node:net';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { startBackend } from '../support/backend.ts';
import { startGrpcBackend } from '../support/grpc-backend.ts';
import { Obedient } from '../support/obedient.ts';
import { runFixture } from '../support/run-fixture.ts';
import { runShutDown, type ShutDownOptions } from '../support/shut-down-fixture.ts';

/** With metrics, of the runtime too, and short at the end of the process, which is another test's. */
const ENV = { SWANSONG_EXIT_TIMEOUT: '100' };
/** Something is delivered, or tried, before: connections are kept alive, retries are under way. */
const ANSWERED: ShutDownOptions = { flushMillis: 10_000, timeoutMillis: 10_000 };
const UNANSWERED: ShutDownOptions = { flushMillis: 200, timeoutMillis: 300 };
/** Node ends an HTTP/2 session, and grpc-js a call, in `setImmediate`. */
const GRPC_TURNS = { turns: 20 };

interface Case {
  readonly title: string;
  readonly options: ShutDownOptions;
  /** Starts the backend: its URL. */
  readonly start: () => Promise<string>;
  readonly env?: Readonly<Record<string, string>>;
  readonly ok: boolean;
}

const GRPC = { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' };

const CASES: readonly Case[] = [
  {
    title: 'a keep-alive connection',
    options: ANSWERED,
    start: async () => (await startBackend()).url,
    ok: true,
  },
  {
    title: 'requests that are never answered',
    options: UNANSWERED,
    start: async () => (await startBackend({ kind: 'mute' })).url,
    ok: false,
  },
  {
    title: 'a back-off',
    options: UNANSWERED,
    start: async () => (await startBackend({ kind: 'status', status: 503 })).url,
    ok: false,
  },
  {
    title: 'a back-off that the backend asked for',
    options: UNANSWERED,
    start: async () => (await startBackend({ kind: 'status', status: 503, retryAfter: 600 })).url,
    ok: false,
  },
  {
    title: 'refused connections',
    options: UNANSWERED,
    async start() {
      const backend = await startBackend();
      await backend.stop();
      return backend.url;
    },
    ok: false,
  },
  {
    title: 'gRPC: an open session',
    options: { ...ANSWERED, ...GRPC_TURNS },
    env: GRPC,
    start: async () => `http://${(await startGrpcBackend()).target}`,
    ok: true,
  },
  {
    title: 'gRPC: calls that are never answered',
    options: { ...UNANSWERED, ...GRPC_TURNS },
    env: GRPC,
    async start() {
      const backend = await startGrpcBackend();
      backend.mute = true;
      return `http://${backend.target}`;
    },
    ok: false,
  },
  {
    title: 'gRPC: a session that is never established',
    options: { ...UNANSWERED, ...GRPC_TURNS },
    env: GRPC,
    start: startSilence,
    ok: false,
  },
];

/** Accepts connections and says nothing. */
async function startSilence(): Promise<string> {
  const server = createServer((socket) => onTestFinished(() => void socket.destroy())).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('expected a TCP address');
  return `http://127.0.0.1:${address.port}`;
}

describe('after shutdown() nothing of swansong keeps the process alive', () => {
  let without: readonly string[] = [];

  beforeAll(async () => {
    const run = await runShutDown(ANSWERED, { preload: 'none' });
    without = run.resources;
  });

  it.each(CASES)('$title', async ({ options, start, env, ok }) => {
    const run = await runShutDown(options, {
      env: { ...ENV, ...env, OTEL_EXPORTER_OTLP_ENDPOINT: await start() },
    });
    expect(run).toMatchObject({ code: 0, signal: null, report: { ok }, resources: without, heldLong: false });
  });

  it('keep-alive connections are closed while the process runs, and opened again when there is something to send', async () => {
    const backend = await startBackend();
    const program = new Obedient({ env: { OTEL_EXPORTER_OTLP_ENDPOINT: backend.url } });
    await program.spans(1);
    await program.flush(10_000);
    expect(backend.connections).toBeGreaterThan(0);
    await program.shutdown(10_000);
    await backend.waitFor(() => backend.connections === 0, 'the connections to be closed');
    await program.spans(1);
    expect(await program.flush(10_000)).toMatchObject({ ok: true, spans: { delivered: 1 } });
  });
});

// Skipped elsewhere: only Linux counts the wake-ups of one thread (/proc/self/task).
describe.runIf(process.platform === 'linux')('an idle process', () => {
  it('wakes up no more often after shutdown() than without swansong', async () => {
    const backend = await startBackend();
    const program = 'shutdown/count-wake-ups.mjs';
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: backend.url };
    const bare = await runFixture({ program, preload: 'none' });
    const ours = await runFixture({ program, args: ['shutdown'], env });
    expect([bare, ours]).toMatchObject([
      { code: 0, stderr: '' },
      { code: 0, stderr: '' },
    ]);
    // A monitor of the event loop wakes it ten times a second and more; Node itself does so now and then.
    expect(Number(ours.stdout)).toBeLessThan(Number(bare.stdout) + 5);
  });
});

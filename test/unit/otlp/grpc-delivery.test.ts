import { createRequire } from 'node:module';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { context } from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { GrpcClient, type GrpcTarget } from '../../../src/otlp/grpc-client.ts';
import { createGrpcDelivery } from '../../../src/otlp/grpc-delivery.ts';
import { spanEncoding } from '../../../src/otlp/otlp-encoding.ts';
import { untraced } from '../../../src/otlp/untraced.ts';
import { type GrpcBackend, startGrpcBackend } from '../../support/grpc-backend.ts';
import { waitFor } from '../../support/wait-for.ts';

beforeAll(() => void context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable()));
afterAll(() => context.disable());

const encoding = spanEncoding('http/protobuf');

function spans(...names: readonly string[]): readonly ReadableSpan[] {
  const exporter = new InMemorySpanExporter();
  const tracer = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] }).getTracer('test');
  for (const name of names) tracer.startSpan(name).end();
  return exporter.getFinishedSpans();
}

function clientOf(target: string, options: Partial<GrpcTarget> = {}, userAgent?: string): GrpcClient {
  const client = new GrpcClient(
    {
      module: createRequire(import.meta.url).resolve('@grpc/grpc-js'),
      target,
      secure: false,
      method: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
      metadata: { 'x-key': 'k' },
      gzip: false,
      ca: undefined,
      key: undefined,
      cert: undefined,
      ...options,
    },
    userAgent,
  );
  onTestFinished(() => client.close());
  return client;
}

function deliver(client: GrpcClient, signal: AbortSignal = new AbortController().signal, items = spans('a', 'b')) {
  return createGrpcDelivery({ encoding, client, untraced })(items, signal);
}

const names = (backend: GrpcBackend): readonly string[] => backend.spans.map(({ name }) => name);

describe('createGrpcDelivery', () => {
  it('delivers with metadata and user agent, on one connection', async () => {
    const backend = await startGrpcBackend();
    const client = clientOf(backend.target, {}, 'test/1');
    expect(await deliver(client)).toEqual({ status: 'delivered', rejected: 0, message: '' });
    expect(await deliver(client, undefined, spans('c'))).toEqual({ status: 'delivered', rejected: 0, message: '' });
    expect(names(backend)).toEqual(['a', 'b', 'c']);
    const [metadata] = backend.metadata;
    expect(metadata?.get('x-key')).toEqual(['k']);
    expect(metadata?.get('user-agent')[0]).toMatch(/^test\/1 grpc-node-js\//);
    expect(metadata?.get('grpc-encoding')).toEqual([]);
  });

  it('compresses where it is asked to, and has the user agent of grpc-js where it is given none', async () => {
    const backend = await startGrpcBackend();
    expect(await deliver(clientOf(backend.target, { gzip: true }))).toMatchObject({ status: 'delivered' });
    expect(names(backend)).toEqual(['a', 'b']);
    expect(backend.metadata[0]?.get('user-agent')[0]).toMatch(/^grpc-node-js\//);
  });

  it('knows what the backend rejected', async () => {
    const backend = await startGrpcBackend();
    backend.partial = { rejected: 1, message: 'no name' };
    expect(await deliver(clientOf(backend.target))).toEqual({ status: 'delivered', rejected: 1, message: 'no name' });
  });

  it.each([
    [3, { status: 'refused' }],
    [16, { status: 'refused' }],
    [14, { status: 'failed', retryAfterMillis: 0 }],
    [8, { status: 'failed', retryAfterMillis: 0 }],
  ])('status %i is %o', async (code, expected) => {
    const backend = await startGrpcBackend();
    backend.failures.push({ code, details: 'on purpose' });
    expect(await deliver(clientOf(backend.target))).toEqual({
      ...expected,
      error: expect.objectContaining({ code, details: 'on purpose' }),
    });
  });

  it.each([
    'Received message larger than max (217577 vs 100000)',
    'gRPC message exceeds maximum size 4194304: 4194400',
  ])('a batch that is too large for the server is to be halved: %s', async (details) => {
    const backend = await startGrpcBackend();
    backend.failures.push({ code: 8, details });
    expect(await deliver(clientOf(backend.target))).toMatchObject({ status: 'too_large', error: { code: 8 } });
  });

  it('leaves out what cannot be sent, and sends nothing where nothing is left', async () => {
    const backend = await startGrpcBackend();
    const client = clientOf(backend.target);
    const [bad, good] = spans('bad', 'good');
    if (bad === undefined || good === undefined) throw new Error('no span ended');
    Reflect.set(bad, 'startTime', [Number.NaN, 0]);
    expect(await deliver(client, undefined, [bad])).toMatchObject({ status: 'invalid' });
    const invalid = { items: 1, size: 1 };
    expect(await deliver(client, undefined, [bad, good])).toMatchObject({ status: 'delivered', invalid });
    backend.failures.push({ code: 3, details: 'on purpose' });
    expect(await deliver(client, undefined, [bad, good])).toMatchObject({ status: 'refused', invalid });
    expect(names(backend)).toEqual(['good']);
  });

  it('ends at once when it is aborted, before the call or during it, with the reason of that', async () => {
    const backend = await startGrpcBackend();
    backend.mute = true;
    const client = clientOf(backend.target);
    const reason = new Error('no answer within 10 ms');
    expect(await deliver(client, AbortSignal.abort(reason))).toEqual({
      status: 'failed',
      error: reason,
      retryAfterMillis: 0,
    });
    const abort = new AbortController();
    const delivered = deliver(client, abort.signal);
    await waitFor(() => backend.metadata.length === 1, 'the call to arrive');
    abort.abort('no error');
    expect(await delivered).toMatchObject({ status: 'failed', error: expect.objectContaining({ code: 1 }) });
  });

  it('calls untraced', async () => {
    const backend = await startGrpcBackend();
    const suppressed: boolean[] = [];
    const client = clientOf(backend.target);
    await createGrpcDelivery({
      encoding,
      client,
      untraced: (call) =>
        untraced(() => {
          suppressed.push(isTracingSuppressed(context.active()));
          return call();
        }),
    })(spans('a'), new AbortController().signal);
    expect([suppressed, isTracingSuppressed(context.active())]).toEqual([[true], false]);
  });
});

describe('GrpcClient', () => {
  it('ends a call at its deadline', async () => {
    const backend = await startGrpcBackend();
    backend.mute = true;
    const answer = await clientOf(backend.target).call(new Uint8Array(), { deadline: Date.now() + 100 });
    expect(answer).toMatchObject({ status: 'unanswered', error: { code: 4 } });
  });

  it('connects anew after it was closed', async () => {
    const backend = await startGrpcBackend();
    const client = clientOf(backend.target);
    expect(await client.call(new Uint8Array(), {})).toMatchObject({ status: 'answered' });
    client.close();
    expect(await client.call(new Uint8Array(), {})).toMatchObject({ status: 'answered' });
  });

  it('leaves no listener on the signal of a call that has ended', async () => {
    const backend = await startGrpcBackend();
    const { signal } = new AbortController();
    const listeners = new Set<unknown>();
    let added = 0;
    signal.addEventListener = (_type: string, listener: unknown) => {
      added += 1;
      listeners.add(listener);
    };
    signal.removeEventListener = (_type: string, listener: unknown) => void listeners.delete(listener);
    await clientOf(backend.target).call(new Uint8Array(), { signal });
    expect([added, listeners.size]).toEqual([1, 0]);
  });

  it('speaks TLS where it is secure: a server of plain text gives it no answer', async () => {
    const server = createServer((socket) => socket.end());
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const address = server.address();
    const target = `127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
    const answer = await clientOf(target, { secure: true }).call(new Uint8Array(), { deadline: Date.now() + 5000 });
    expect(answer).toMatchObject({ status: 'unanswered', error: { code: 14 } });
  });
});

import { createRequire } from 'node:module';
import { status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import type { Attempt, ExitRequest, ExitWork, GrpcExitRequest } from '../../../src/exit/exit-request.ts';
import { LaneConnections } from '../../../src/exit/export-attempts.ts';
import { processMillis } from '../../../src/clock/clock.ts';
import { startBackend } from '../../support/backend.ts';
import type { Behaviour } from '../../support/behaviour.ts';
import { startGrpcBackend } from '../../support/grpc-backend.ts';
import { httpRequest } from './worker-programs.ts';

const ENDLESS_MILLIS = 600_000;

function work(request: ExitRequest, timeoutMillis = ENDLESS_MILLIS): ExitWork {
  return { id: 1, lane: 0, maxInFlight: 2, deadline: processMillis() + timeoutMillis, request };
}

/** The attempt without its body. */
function outcome({ answer, retryAfterMillis }: Attempt) {
  return answer.status === 'answered'
    ? [answer.code, retryAfterMillis]
    : [answer.status, answer.message, retryAfterMillis];
}

const NO_SPANS = Buffer.from('{"resourceSpans":[]}');

async function overHttp(behaviour: Behaviour) {
  const backend = await startBackend(behaviour);
  const request = {
    ...httpRequest(`${backend.url}/v1/traces`),
    headers: { 'content-type': 'application/json', 'x-key': 'secret' },
    body: NO_SPANS,
  };
  return { backend, request, connections: new LaneConnections() };
}

describe('attempts over HTTP', () => {
  it.each<readonly [Behaviour, readonly unknown[]]>([
    [{ kind: 'ok' }, [200, undefined]],
    [{ kind: 'status', status: 400 }, [400, undefined]],
    [{ kind: 'status', status: 429 }, [429, 0]],
    [{ kind: 'status', status: 503, retryAfter: 2 }, [503, 2000]],
    [{ kind: 'reset' }, ['unanswered', 'read ECONNRESET', 0]],
  ])('%o', async (behaviour, expected) => {
    const { connections, request } = await overHttp(behaviour);
    expect(outcome(await connections.attempts(work(request))())).toEqual(expected);
  });

  it('have the type of the answer, by which its body is read', async () => {
    const { connections, request } = await overHttp({ kind: 'ok' });
    expect(await connections.attempts(work(request))()).toMatchObject({
      answer: { status: 'answered', contentType: 'application/json' },
    });
  });

  it('are the same request each time, over connections that the lane shares', async () => {
    const { backend, connections, request } = await overHttp({ kind: 'status', status: 503, times: 1 });
    const attempt = connections.attempts(
      work({ ...request, headers: { ...request.headers, 'content-encoding': 'gzip' }, gzip: true }),
    );
    expect([outcome(await attempt()), outcome(await attempt())]).toEqual([
      [503, 0],
      [200, undefined],
    ]);
    expect(outcome(await connections.attempts(work(request))())).toEqual([200, undefined]);
    expect(backend.requests.map(({ headers, encoding, body }) => [headers['x-key'], encoding, body])).toEqual([
      ['secret', 'gzip', { resourceSpans: [] }],
      ['secret', 'gzip', { resourceSpans: [] }],
      ['secret', 'identity', { resourceSpans: [] }],
    ]);
    expect(backend.maxConnections).toBe(1);
  });

  it('end at the deadline', async () => {
    const { connections, request } = await overHttp({ kind: 'mute' });
    const deadline = processMillis() + 100;
    const attempt = connections.attempts({ ...work(request), deadline });
    expect(outcome(await attempt())).toEqual(['unanswered', 'no answer in time', 0]);
    expect(processMillis()).toBeGreaterThan(deadline - 2);
    expect(outcome(await attempt())).toEqual(['unanswered', 'no answer in time', 0]);
  });

  it('to nobody are unanswered, with the reason', async () => {
    const { backend, connections, request } = await overHttp({ kind: 'ok' });
    await backend.stop();
    expect(outcome(await connections.attempts(work(request))())).toEqual([
      'unanswered',
      `connect ECONNREFUSED 127.0.0.1:${backend.port}`,
      0,
    ]);
  });

  it('cannot be made with a certificate that is none', async () => {
    const { connections, request } = await overHttp({ kind: 'ok' });
    const url = request.url.replace('http:', 'https:');
    const attempt = connections.attempts(
      work({ ...request, url, key: Buffer.from('no key'), cert: Buffer.from('none') }),
    );
    await expect(attempt()).rejects.toThrow(/PEM|DECODER/);
  });
});

describe('attempts over gRPC', () => {
  async function overGrpc(timeoutMillis?: number) {
    const backend = await startGrpcBackend();
    const request: GrpcExitRequest = {
      protocol: 'grpc',
      module: createRequire(import.meta.url).resolve('@grpc/grpc-js'),
      target: backend.target,
      secure: false,
      method: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
      metadata: { 'x-key': 'secret' },
      gzip: false,
      body: new Uint8Array(),
      ca: undefined,
      key: undefined,
      cert: undefined,
    };
    return { backend, request, attempt: new LaneConnections().attempts(work(request, timeoutMillis)) };
  }

  it('are answered, refused, or may be tried again', async () => {
    const { backend, attempt } = await overGrpc();
    backend.failures.push(
      { code: status.INVALID_ARGUMENT, details: 'no' },
      { code: status.UNAVAILABLE, details: 'later' },
      { code: status.RESOURCE_EXHAUSTED, details: 'later' },
      { code: status.RESOURCE_EXHAUSTED, details: 'Received message larger than max (2 vs 1)' },
    );
    const outcomes = [];
    for (let count = 0; count < 5; count += 1) outcomes.push(outcome(await attempt()));
    expect(outcomes).toEqual([
      ['refused', '3 INVALID_ARGUMENT: no', undefined],
      ['unanswered', '14 UNAVAILABLE: later', 0],
      ['unanswered', '8 RESOURCE_EXHAUSTED: later', 0],
      ['refused', '8 RESOURCE_EXHAUSTED: Received message larger than max (2 vs 1)', undefined],
      [200, undefined],
    ]);
    expect(backend.metadata.map((entries) => entries.get('x-key'))).toEqual(
      Array.from({ length: 5 }, () => ['secret']),
    );
  });

  it('end at the deadline', async () => {
    const { backend, attempt } = await overGrpc(200);
    backend.mute = true;
    expect(outcome(await attempt())).toEqual(['unanswered', expect.stringMatching(/DEADLINE_EXCEEDED/), 0]);
  });

  it('cannot be made without grpc-js', async () => {
    const { request } = await overGrpc();
    const attempt = new LaneConnections().attempts(work({ ...request, module: '/nowhere/grpc-js/index.js' }));
    await expect(attempt()).rejects.toThrow('Cannot find module');
  });
});

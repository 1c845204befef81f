import { describe, expect, it } from 'vitest';
import { startBackend } from '../support/backend.ts';
import { authority, clientCertificate, serverCertificate } from '../support/certificates.ts';
import { startGrpcBackend } from '../support/grpc-backend.ts';
import { ownNodeSdkProgram, SDK_VERSIONS, type SdkVersion } from '../support/own-node-sdk.ts';
import { PATIENT, received, withoutStack } from '../support/own-node-sdk-received.ts';
import { type FixtureResult, runFixture } from '../support/run-fixture.ts';
import type { OnTestFinished } from '../support/when-test-ends.ts';

const PROCESS = ['swansong.process.exited', 'swansong.process.started'];

/** With TLS an address is no server name. */
const byName = ({ target }: { readonly target: string }): string => target.replace('127.0.0.1', 'localhost');

/** The lines of stdout that are JSON. */
function printed({ stdout }: FixtureResult): unknown[] {
  return stdout
    .split('\n')
    .filter((line) => /^[{["]/.test(line))
    .map((line): unknown => JSON.parse(line));
}

type Run = (name: string, env: Record<string, string>, onTestFinished?: OnTestFinished) => Promise<FixtureResult>;

const runWith =
  (version: SdkVersion): Run =>
  (name, env, onTestFinished) =>
    runFixture({
      program: ownNodeSdkProgram(version, 'parts.cjs'),
      args: [name],
      preload: 'none',
      env: { OTEL_METRICS_EXPORTER: 'none', ...PATIENT, ...env },
      ...(onTestFinished === undefined ? {} : { onTestFinished }),
    });

describe.concurrent.each(SDK_VERSIONS)('parts that an application gives to its NodeSDK %s', (version) => {
  const run = runWith(version);

  it('theirs stays theirs, in order; only an OTLP batcher gives way', async ({ onTestFinished }) => {
    const backend = await startBackend({ kind: 'ok' }, { onTestFinished });
    const end = await run('theirs', { BACKEND: backend.url }, onTestFinished);
    expect({ code: end.code, stderr: end.stderr, printed: printed(end) }).toEqual({
      code: 0,
      stderr: '',
      printed: [
        {
          unchanged: true,
          passedOn: ['resource', 'sampler', 'textMapPropagator', 'contextManager', 'views', 'autoDetectResources'],
          spanProcessors: ['LiveSpans', 'Noting', 'OutboxSpanProcessor', 'Noting'],
          noted: [
            ['start work', 'end work', 'flush'],
            ['start work', 'end work', 'flush'],
          ],
          carrier: { theirs: 'yes' },
        },
      ],
    });
    expect(backend.acknowledgedSpans()).toMatchObject([
      {
        name: 'work',
        attributes: { sampled: 'by theirs' },
        resource: { 'service.name': 'theirs', 'shop.floor': 3 },
      },
    ]);
  });

  it('their context manager tells which span an error has left', async ({ onTestFinished }) => {
    const backend = await startBackend({ kind: 'ok' }, { onTestFinished });
    const end = await run('ownContextManager', { BACKEND: backend.url }, onTestFinished);
    expect({ ...withoutStack(end), ...received(backend) }).toMatchObject({
      code: 1,
      stderr: ['Error: boom'],
      spans: ['work (internal), error, exception: boom, interrupted'],
      records: ['FATAL Error: boom on work', ...PROCESS],
    });
  });

  it('a subclass of a batch processor stays', async ({ onTestFinished }) => {
    const [backend, second] = await Promise.all([
      startBackend({ kind: 'ok' }, { onTestFinished }),
      startBackend({ kind: 'ok' }, { onTestFinished }),
    ]);
    const end = await run('subclass', { BACKEND: backend.url, BACKEND_2: second.url }, onTestFinished);
    expect({
      printed: printed(end),
      stderr: end.stderr,
      filtered: backend.acknowledgedSpans().map(({ name }) => name),
      all: second.acknowledgedSpans().map(({ name }) => name),
    }).toEqual({
      printed: [{ ok: true, spanProcessors: ['LiveSpans', 'OutboxSpanProcessor', 'Filtering'] }],
      stderr: '',
      filtered: ['work'],
      all: ['work', 'health check'],
    });
  });

  it('two backends have an outbox each: one that is away does not hold up the other', async ({ onTestFinished }) => {
    const [away, second] = await Promise.all([
      startBackend({ kind: 'ok' }, { onTestFinished }),
      startBackend({ kind: 'ok' }, { onTestFinished }),
    ]);
    await away.stop();
    const end = await run(
      'backends',
      { BACKEND: away.url, BACKEND_2: second.url, OTEL_LOGS_EXPORTER: 'none' },
      onTestFinished,
    );
    expect({
      code: end.code,
      printed: printed(end),
      stderr: end.stderr.split('\n'),
      spans: second.acknowledgedSpans().map(({ name }) => name),
      headers: second.requests.map(({ headers, contentType }) => [headers['x-backend'], contentType]),
    }).toEqual({
      code: 0,
      printed: [{ delivered: 1 }],
      stderr: [
        expect.stringMatching(/^swansong: cannot deliver telemetry to .*; keeping it and trying again$/),
        expect.stringMatching(/^swansong: lost at the end of the process: 1 span \(.*\)$/),
        '',
      ],
      spans: ['work'],
      headers: [['2', 'application/x-protobuf']],
    });
  });

  it('log records by a processor of their own: errors and lifecycle besides, nothing twice', async ({
    onTestFinished,
  }) => {
    const backend = await startBackend({ kind: 'ok' }, { onTestFinished });
    const end = await run('ownLogs', { BACKEND: backend.url }, onTestFinished);
    expect({ printed: printed(end), ...withoutStack(end), records: received(backend).records }).toMatchObject({
      printed: [
        ['CreatedLogRecords', 'Noting', 'OwnLogRecords'],
        { noted: ['emit an order came', 'emit Error: boom', expect.any(String), expect.any(String)] },
      ],
      code: 1,
      stderr: ['Error: boom'],
      records: ['FATAL Error: boom on no span', ...PROCESS],
    });
  });

  it('batches are as large as their processor has them', async ({ onTestFinished }) => {
    const backend = await startBackend({ kind: 'ok' }, { onTestFinished });
    const end = await run('batching', { BACKEND: backend.url, OTEL_LOGS_EXPORTER: 'none' }, onTestFinished);
    expect({
      printed: printed(end),
      stderr: end.stderr,
      requests: backend.requests.map(({ signal }, index) => [
        signal,
        backend.spans().filter((span) => span.request === index).length,
      ]),
    }).toEqual({
      printed: [{ delivered: 4 }],
      stderr: '',
      requests: [
        ['traces', 2],
        ['traces', 2],
      ],
    });
  });

  it('what a detector finds late is waited for, but not at the end', async ({ onTestFinished }) => {
    const [backend, second] = await Promise.all([
      startBackend({ kind: 'ok' }, { onTestFinished }),
      startBackend({ kind: 'ok' }, { onTestFinished }),
    ]);
    const env = { OTEL_LOGS_EXPORTER: 'none' };
    const [live, atTheEnd] = await Promise.all([
      run('asyncResource', { ...env, BACKEND: backend.url }, onTestFinished),
      run('asyncResourceAtTheEnd', { ...env, BACKEND: second.url }, onTestFinished),
    ]);
    const regions = (spans: ReturnType<typeof backend.acknowledgedSpans>) =>
      spans.map(({ name, resource }) => [name, resource['cloud.region']]);
    expect({
      live: [live.code, live.stderr, printed(live), regions(backend.acknowledgedSpans())],
      atTheEnd: [atTheEnd.code, atTheEnd.stderr, regions(second.acknowledgedSpans())],
    }).toEqual({
      live: [0, '', [{ ok: true }], [['work', 'mars']]],
      atTheEnd: [0, '', [['work', undefined]]],
    });
  });

  it.for([
    ['400', { dropped: { refused: 1 }, waiting: 0 }],
    ['16', { dropped: { refused: 1 }, waiting: 0 }],
    ['503', { dropped: {}, waiting: 1 }],
    ['14', { dropped: {}, waiting: 1 }],
  ] as const)('an exporter that is kept and fails with the code %s', async ([code, expected], { onTestFinished }) => {
    const end = await run('failing', { CODE: code, OTEL_LOGS_EXPORTER: 'none' }, onTestFinished);
    expect({ code: end.code, printed: printed(end) }).toEqual({ code: 0, printed: [expected] });
    expect(end.stderr).toMatch(
      /^swansong: spans that still wait when the process ends are lost: Failing can deliver only while it runs\./,
    );
  });

  it('a console exporter prints at the end, too', async ({ onTestFinished }) => {
    expect(await run('console', {}, onTestFinished)).toEqual({
      code: 0,
      signal: null,
      stdout: 'console: work\n',
      stderr: '',
    });
  });

  it('a drained event loop: three signals, the last interval of metrics among them', async ({ onTestFinished }) => {
    const backend = await startBackend({ kind: 'ok' }, { onTestFinished });
    const end = await run('drain', { BACKEND: backend.url }, onTestFinished);
    expect({
      ...end,
      ...received(backend),
      metrics: backend.metrics().map(({ name, value }) => [name, value]),
    }).toEqual({
      code: 0,
      signal: null,
      stdout: '',
      stderr: '',
      spans: ['work (internal), unset'],
      records: ['an order came', ...PROCESS],
      services: [expect.stringMatching(/^unknown_service/)],
      authorizations: ['Bearer of the exporter'],
      metrics: [['shop.orders', 3]],
    });
  });

  it('metrics by Prometheus are left to NodeSDK', async ({ onTestFinished }) => {
    const end = await run(
      'prometheus',
      { BACKEND: 'http://127.0.0.1:1', OTEL_METRICS_EXPORTER: 'prometheus' },
      onTestFinished,
    );
    expect({ code: end.code, stderr: end.stderr, printed: printed(end) }).toEqual({
      code: 0,
      stderr: '',
      printed: [
        {
          parts: ['contextManager', 'logRecordProcessors', 'spanProcessors'],
          logs: ['CreatedLogRecords', 'OutboxLogRecordProcessor'],
        },
      ],
    });
  });

  it('invalid options are a TypeError', async ({ onTestFinished }) => {
    const { stdout, ...end } = await run('options', {}, onTestFinished);
    expect({ ...end, lines: stdout.split('\n') }).toEqual({
      code: 0,
      signal: null,
      stderr: '',
      lines: [
        "TypeError: endpoint: expected an http or https URL (got 'ftp://x'); nothing was changed",
        'TypeError: headers: expected an endpoint beside them; nothing was changed',
        'TypeError: headers: one of them has no valid header name; nothing was changed',
        '{"same":true,"active":true}',
        '',
      ],
    });
  });
});

// In 0.203 headers are a record, not a function.
describe.concurrent.each(['0.223', '0.301'] as const)('headers of an exporter in a NodeSDK %s', (version) => {
  const run = runWith(version);

  it('a token is asked for at each delivery, and the latest serves the end', async ({ onTestFinished }) => {
    const backend = await startBackend({ kind: 'ok' }, { onTestFinished });
    const end = await run('tokens', { BACKEND: backend.url, OTEL_LOGS_EXPORTER: 'none' }, onTestFinished);
    const tokens = backend
      .acknowledgedSpans()
      .map(({ name, request }) => [name, Number(backend.requests[request]?.headers.authorization?.split(' ')[1])]);
    expect({ code: end.code, stderr: end.stderr, spans: tokens.map(([name]) => name) }).toEqual({
      code: 0,
      stderr: '',
      spans: ['first', 'second', 'third'],
    });
    const [first = 0, second = 0, third = 0] = tokens.map(([, token]) => Number(token));
    expect([first < second, second === third]).toEqual([true, true]);
  });

  it('certificates are those of their exporter, while the process lives and at its end', async ({ onTestFinished }) => {
    const tls = { ...serverCertificate, clientCa: authority };
    const backend = await startBackend({ kind: 'ok' }, { onTestFinished, tls });
    const end = await run(
      'mutualTls',
      {
        BACKEND: backend.url,
        CA: authority,
        CERT: clientCertificate.cert,
        KEY: clientCertificate.key,
      },
      onTestFinished,
    );
    expect({
      code: end.code,
      stderr: end.stderr,
      spans: backend.acknowledgedSpans().map(({ name }) => name),
      clients: [...new Set(backend.requests.map(({ client }) => client))],
    }).toEqual({ code: 0, stderr: '', spans: ['in time', 'at the end'], clients: ['swansong test client'] });
  });
});

describe.each(SDK_VERSIONS)('an OTLP/gRPC exporter in a NodeSDK %s', (version) => {
  const run = runWith(version);

  it('gRPC without TLS is delivered at the end, too', async () => {
    const backend = await startGrpcBackend();
    const end = await run('grpc', { GRPC_BACKEND: `http://${backend.target}` });
    expect({ ...end, spans: backend.spans.map(({ name }) => name) }).toEqual({
      code: 0,
      signal: null,
      stdout: '{"ok":true,"backend":"connected"}\n',
      stderr: '',
      spans: ['in time', 'at the end'],
    });
  });

  it('gRPC with TLS is delivered while the process lives, and one line says so', async () => {
    const backend = await startGrpcBackend({ tls: serverCertificate });
    const end = await run('grpc', {
      GRPC_BACKEND: `https://${byName(backend)}`,
      OTEL_EXPORTER_OTLP_CERTIFICATE: authority,
    });
    expect({ ...end, spans: backend.spans.map(({ name }) => name) }).toEqual({
      code: 0,
      signal: null,
      stdout: '{"ok":true,"backend":"connected"}\n',
      stderr:
        'swansong: spans that still wait when the process ends are lost: OTLPTraceExporter can deliver only while it runs. ' +
        'To have them delivered, name an OTLP/HTTP endpoint: withSwansong(configuration, { endpoint, headers })\n' +
        'swansong: lost at the end of the process: 1 span (its exporter cannot deliver at the end of the process)\n',
      spans: ['in time'],
    });
  });

  it('gRPC with TLS, and an endpoint for the final delivery', async ({ onTestFinished }) => {
    const [grpc, backend] = await Promise.all([
      startGrpcBackend({ tls: serverCertificate }),
      startBackend({ kind: 'ok' }, { onTestFinished }),
    ]);
    const end = await run('grpc', {
      GRPC_BACKEND: `https://${byName(grpc)}`,
      OTEL_EXPORTER_OTLP_CERTIFICATE: authority,
      ENDPOINT: backend.url,
    });
    expect({ ...end, live: grpc.spans.map(({ name }) => name), ...received(backend) }).toEqual({
      code: 0,
      signal: null,
      // Of the endpoint nothing is known yet.
      stdout: '{"ok":true,"backend":"unknown"}\n',
      stderr: '',
      live: ['in time'],
      spans: ['at the end (internal), unset'],
      records: PROCESS,
      services: [expect.stringMatching(/^unknown_service/)],
      authorizations: ['Bearer of the call'],
    });
  });
});

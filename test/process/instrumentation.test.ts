import type { IncomingHttpHeaders } from 'node:http';
import { describe, expect, it } from 'vitest';
import type { ReceivedSpan, Value } from '../support/received-telemetry.ts';
import { startBackend } from '../support/backend.ts';
import { serve } from '../support/http-server.ts';
import { runFixture, startFixture } from '../support/run-fixture.ts';

const SERVER = 2;
const CLIENT = 3;

const text = (value: Value | undefined): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** `work > GET client /by-http > GET server /by-http`: the spans of one trace as paths from its root. */
function paths(spans: readonly ReceivedSpan[]): string[] {
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  const label = (span: ReceivedSpan): string => {
    if (span.kind === SERVER) return `server ${text(span.attributes['url.path'])}`;
    if (span.kind === CLIENT) return `client ${new URL(text(span.attributes['url.full'])).pathname}`;
    return span.name;
  };
  const path = (span: ReceivedSpan): string => {
    const parent = byId.get(span.parentSpanId);
    return parent === undefined ? label(span) : `${path(parent)} > ${label(span)}`;
  };
  return spans.map(path).toSorted();
}

const ONE_TRACE = [
  'work',
  'work > client /by-fetch',
  'work > client /by-fetch > server /by-fetch',
  'work > client /by-http',
  'work > client /by-http > server /by-http',
];

describe('instrumentation without a loader hook', () => {
  it.each(['trace-requests.mjs', 'trace-requests.cjs'])(
    '%s: server, client and fetch spans in one trace',
    async (program) => {
      const backend = await startBackend();
      const result = await runFixture({ program, env: { OTEL_EXPORTER_OTLP_ENDPOINT: backend.url } });
      expect(result).toEqual({ code: 0, signal: null, stdout: 'delivered\n', stderr: '' });
      expect(paths(backend.spans())).toEqual(ONE_TRACE);
      expect(new Set(backend.spans().map(({ traceId }) => traceId)).size).toBe(1);
    },
  );

  it.each(['import', 'require', 'node-options'] as const)('preloaded by %s', async (preload) => {
    const backend = await startBackend();
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: backend.url };
    const result = await runFixture({ program: 'trace-requests.mjs', preload, env });
    expect(result).toEqual({ code: 0, signal: null, stdout: 'delivered\n', stderr: '' });
    expect(paths(backend.spans())).toEqual(ONE_TRACE);
  });

  it('one trace across two processes, ESM to CommonJS', async () => {
    const backend = await startBackend();
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: backend.url };
    const server = startFixture({
      program: 'serve-until-stdin-ends.cjs',
      env: { ...env, OTEL_SERVICE_NAME: 'callee' },
    });
    const url = await server.line('http://');
    const caller = await runFixture({
      program: 'call-url.mjs',
      args: [url],
      env: { ...env, OTEL_SERVICE_NAME: 'caller' },
    });
    server.endInput();
    expect(caller).toEqual({ code: 0, signal: null, stdout: '', stderr: '' });
    expect(await server.result).toMatchObject({ code: 0, signal: null, stderr: '' });
    expect(paths(backend.spans())).toEqual(ONE_TRACE.map((path) => path.replace('work', 'call')));
    expect(
      backend
        .spans()
        .map(({ kind, resource }) => `${kind} ${text(resource['service.name'])}`)
        .toSorted(),
    ).toEqual(['1 caller', '2 callee', '2 callee', '3 caller', '3 caller']);
  });

  it('what no header can have ends no process: the request goes out with the rest', async () => {
    const backend = await startBackend();
    const received: IncomingHttpHeaders[] = [];
    const url = await serve((request, response) => {
      received.push(request.headers);
      response.end();
    });
    const result = await runFixture({
      program: 'send-unusual-baggage.mjs',
      args: [`${url}/`],
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: backend.url },
    });
    expect(result).toEqual({ code: 0, signal: null, stdout: '', stderr: '' });
    const [fetched, got, end] = backend.spans();
    expect([fetched?.name, got?.name, end?.name]).toEqual(['GET', 'GET', 'the end']);
    expect(received).toMatchObject(
      [fetched, got].map((span) => ({
        baggage: 'good=%C3%A9',
        traceparent: `00-${span?.traceId}-${span?.spanId}-01`,
      })),
    );
  });

  it('export requests are neither spans nor metrics', async () => {
    const backend = await startBackend();
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: backend.url, OTEL_METRIC_EXPORT_INTERVAL: '50' };
    await runFixture({ program: 'emit-all-signals.mjs', env });
    expect(
      backend
        .spans()
        .map(({ name }) => name)
        .toSorted(),
    ).toEqual(['linked', 'work']);
    expect(backend.metrics().filter(({ name }) => name.startsWith('http.'))).toEqual([]);
  });

  it('reports the runtime metrics of Node', async () => {
    const backend = await startBackend();
    await runFixture({ program: 'trace-requests.mjs', env: { OTEL_EXPORTER_OTLP_ENDPOINT: backend.url } });
    const names = new Set(backend.metrics().map(({ name }) => name));
    expect([...names]).toEqual(
      expect.arrayContaining([
        'http.server.request.duration',
        'http.client.request.duration',
        'nodejs.eventloop.utilization',
        'v8js.memory.heap.used',
      ]),
    );
  });
});

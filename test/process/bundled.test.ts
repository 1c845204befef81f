import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { type Backend, startBackend } from '../support/backend.ts';
import { bundle } from '../support/bundle.ts';
import { runFixture } from '../support/run-fixture.ts';

const CLIENT = 3;

const PROGRAM = fileURLToPath(new URL('../fixtures/bundled.mjs', import.meta.url));

/** Spans, log records and series, each with the name of the span that it belongs to. */
function received(backend: Backend): object {
  const names = new Map(backend.spans().map(({ spanId, name }) => [spanId, name]));
  return {
    spans: backend
      .spans()
      .filter(({ kind }) => kind !== CLIENT)
      .map(({ name, parentSpanId, events }) => [
        name,
        names.get(parentSpanId),
        ...events.map(({ attributes }) => attributes['exception.message']),
      ]),
    lines: backend
      .logRecords()
      .filter(({ eventName }) => eventName === '')
      .map(({ body, spanId }) => [body, names.get(spanId)]),
    routes: backend
      .metrics()
      .filter(({ name }) => name === 'http.server.request.duration')
      .map(({ attributes }) => attributes['http.route']),
  };
}

it.each(['cjs', 'esm', undefined] as const)(
  'what libraries publish is recorded in a bundle, too (%s)',
  async (format) => {
    const backend = await startBackend();
    const { code, stderr } = await runFixture({
      program: format === undefined ? PROGRAM : await bundle(PROGRAM, format),
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: backend.url, NODE_ENV: 'test' },
    });
    expect({ code, stderr, ...received(backend) }).toEqual({
      code: 0,
      stderr: '',
      spans: [
        ['query sum', 'GET /shops/:shop/:item'],
        ['GET /shops/:shop/:item', 'GET'],
        ['GET /shops/:shop/:item/broken', 'GET', 'in a handler'],
        ['GET /mails/:mail', 'GET'],
      ],
      lines: [
        ['answered by Express', 'GET /shops/:shop/:item'],
        ['answered by Fastify', 'GET /mails/:mail'],
      ],
      routes: ['/shops/:shop/:item', '/shops/:shop/:item/broken', '/mails/:mail'],
    });
  },
);

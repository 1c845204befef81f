import { expect, it } from 'vitest';
import { startBackend } from '../support/backend.ts';
import { runFixture } from '../support/run-fixture.ts';

it('recoverAndReport and reportError record once, on the right span, and pass values and errors on unchanged', async () => {
  const backend = await startBackend();
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: backend.url };
  expect(await runFixture({ program: 'recover-and-report.mjs', env })).toEqual({
    code: 0,
    signal: null,
    stdout: 'true true value\n',
    stderr: '',
  });
  const spans = new Map(backend.spans().map((span) => [span.name, span]));
  expect(
    backend.logRecords().map(({ eventName, severityNumber, body, spanId, attributes }) => ({
      eventName,
      severityNumber,
      body,
      spanId,
      order: attributes['order.id'],
    })),
  ).toEqual([
    {
      eventName: 'exception',
      severityNumber: 17,
      body: 'RangeError: handled',
      spanId: spans.get('handled')?.spanId,
      order: 7,
    },
    {
      eventName: 'exception',
      severityNumber: 17,
      body: 'Error: sync',
      spanId: spans.get('sync')?.spanId,
      order: undefined,
    },
    {
      eventName: 'exception',
      severityNumber: 17,
      body: 'string: a string',
      spanId: spans.get('async')?.spanId,
      order: undefined,
    },
  ]);
  for (const name of ['handled', 'sync', 'async']) {
    expect(spans.get(name)).toMatchObject({ status: { code: 2 }, events: [{ name: 'exception' }] });
  }
});

it('without the preload, recoverAndReport only runs its function', async () => {
  expect(await runFixture({ program: 'recover-and-report.mjs', preload: 'none' })).toMatchObject({
    code: 0,
    stdout: 'true true value\n',
  });
});

it.each(['an object', 'a primitive'])('one error that fails several requests is recorded in each: %s', async (what) => {
  const backend = await startBackend();
  const result = await runFixture({
    program: 'fail-alike.mjs',
    args: [what],
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: backend.url, OTEL_METRICS_EXPORTER: 'none' },
  });
  expect(result).toEqual({ code: 0, signal: null, stdout: '', stderr: '' });
  const queries = backend.spans().filter(({ name }) => name === 'query');
  expect(queries.map(({ events, status }) => [events.map(({ name }) => name), status])).toEqual(
    Array.from({ length: 3 }, () => [['exception'], { code: 2, message: 'no database' }]),
  );
  const exceptions = backend.logRecords().filter(({ eventName }) => eventName === 'exception');
  expect(exceptions.map(({ spanId }) => spanId).toSorted()).toEqual(queries.map(({ spanId }) => spanId).toSorted());
});

it('without traces it is recorded in each, too', async () => {
  const backend = await startBackend();
  await runFixture({
    program: 'fail-alike.mjs',
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: backend.url, OTEL_METRICS_EXPORTER: 'none', OTEL_TRACES_EXPORTER: 'none' },
  });
  expect(backend.logRecords().filter(({ eventName }) => eventName === 'exception')).toHaveLength(3);
});

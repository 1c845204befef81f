import { tracingChannel } from 'node:diagnostics_channel';
import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { expect, it } from 'vitest';
import { MYSQL2 } from '../../../../src/instrumentation/channels/mysql2.ts';
import { activeName, inRequest, instrument, recordedDurations, recordedSpans } from './recorded.ts';

instrument(MYSQL2);

const UNSET = { code: SpanStatusCode.UNSET };
const server = { database: 'shop', serverAddress: 'db', serverPort: 3306 };
const where = { 'db.namespace': 'shop', 'server.address': 'db', 'server.port': 3306 };
const query = tracingChannel<object, object>('mysql2:query');
const execute = tracingChannel<object, object>('mysql2:execute');
const pool = tracingChannel<object, object>('mysql2:pool:connect');

/** Calls back as the library does: in the context of the connection, which here is that of another request. */
type Callback = (error: unknown, result?: unknown) => void;
const waiting: (() => void)[] = [];
const answerLater = (callback: Callback, error: unknown = null): void => void waiting.push(() => callback(error, []));
const answer = (): Promise<void> => inRequest('another', () => waiting.splice(0).forEach((one) => one()));

it.each([
  ['query', query, "select * from items where a = 'marker'", 'select * from items where a = ?'],
  ['execute', execute, 'select * from items where a = ?', 'select * from items where a = ?'],
])('%s() has a span and a duration, and calls back in the context of its caller', async (_, channel, sql, text) => {
  const seen: unknown[] = [];
  await inRequest('request', async () => {
    channel.traceCallback(answerLater, 0, { query: sql, values: ['marker'], ...server }, undefined, () => {
      seen.push(activeName(), recordedSpans().length);
    });
    await answer();
  });
  const attributes = { 'db.system.name': 'mysql', 'db.query.summary': 'SELECT items', ...where };
  expect({ seen, spans: recordedSpans(), durations: await recordedDurations() }).toEqual({
    // It had ended before.
    seen: ['request', 1],
    spans: [
      {
        name: 'SELECT items',
        kind: SpanKind.CLIENT,
        parent: 'request',
        attributes: { ...attributes, 'db.query.text': text },
        status: UNSET,
      },
    ],
    durations: [{ name: 'db.client.operation.duration', attributes, count: 1 }],
  });
});

it.each([
  [
    { code: 'ER_DUP_ENTRY', errno: 1062, sqlState: '23000', message: "Duplicate entry 'marker'" },
    { 'error.type': '1062', 'db.response.status_code': '1062' },
    'ER_DUP_ENTRY',
  ],
  [{ code: 'ECONNRESET', errno: -104, message: 'read' }, { 'error.type': 'ECONNRESET' }, undefined],
  [{ message: 'no code' }, { 'error.type': 'Error' }, undefined],
])('a failure: %o', async (fields, failure, message) => {
  const error = Object.assign(new Error(fields.message), fields);
  await inRequest('request', () =>
    query.traceCallback(
      answerLater,
      0,
      { query: 'insert into items values (1)', ...server },
      undefined,
      () => {},
      error,
    ),
  );
  await answer();
  const attributes = { 'db.system.name': 'mysql', 'db.query.summary': 'INSERT items', ...where, ...failure };
  expect({ spans: recordedSpans(), durations: await recordedDurations() }).toMatchObject({
    spans: [{ attributes, status: { code: SpanStatusCode.ERROR, ...(message === undefined ? {} : { message }) } }],
    durations: [{ attributes, count: 1 }],
  });
});

it('of a statement that is not known, and of a socket without a database', async () => {
  const place = { database: '', serverAddress: '/run/mysqld.sock', serverPort: undefined };
  await inRequest('request', () => query.tracePromise(async () => [], { query: 'nonsense', ...place }));
  expect(recordedSpans()).toMatchObject([
    {
      name: 'mysql',
      attributes: { 'db.system.name': 'mysql', 'db.query.text': 'nonsense', 'server.address': '/run/mysqld.sock' },
    },
  ]);
});

it('a pool connects in no span, and hands out the connection in the context of its caller', async () => {
  const seen: unknown[] = [];
  await inRequest('request', async () => {
    const connect = (callback: Callback): void => {
      seen.push(activeName());
      answerLater(callback);
    };
    pool.traceCallback(connect, 0, server, undefined, () => seen.push(activeName()));
    await answer();
  });
  expect({ seen, spans: recordedSpans() }).toEqual({ seen: [undefined, 'request'], spans: [] });
});

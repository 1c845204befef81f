import { channel, tracingChannel } from 'node:diagnostics_channel';
import { performance } from 'node:perf_hooks';
import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { describe, expect, it } from 'vitest';
import { IOREDIS } from '../../../../src/instrumentation/channels/ioredis.ts';
import { REDIS } from '../../../../src/instrumentation/channels/redis.ts';
import { activeName, inRequest, instrument, recordedDurations, recordedSpans } from './recorded.ts';

instrument(IOREDIS);
instrument(REDIS);

const SECRET = 'swordfish';
const UNSET = { code: SpanStatusCode.UNSET };
const server = { database: 3, serverAddress: 'cache', serverPort: 6379 };
const where = { 'db.namespace': '3', 'server.address': 'cache', 'server.port': 6379 };
const command = tracingChannel<object, object>('ioredis:command');
const batch = tracingChannel<object, object>('ioredis:batch');
const connect = tracingChannel<object, object>('ioredis:connect');
const nodeRedis = tracingChannel<object, object>('node-redis:command');
const wait = channel('node-redis:pool:connection-wait');
const closed = channel('node-redis:connection:closed');

class ReplyError extends Error {}
const answer = async (): Promise<string> => SECRET;
const names = () => recordedSpans().map((span) => Object(span).name);

it('a command has a span and a duration', async () => {
  await inRequest('request', () => command.tracePromise(answer, { command: 'set', args: ['key', '?'], ...server }));
  const attributes = { 'db.system.name': 'redis', 'db.operation.name': 'SET', ...where };
  expect({ spans: recordedSpans(), durations: await recordedDurations() }).toEqual({
    spans: [
      {
        name: 'SET',
        kind: SpanKind.CLIENT,
        parent: 'request',
        attributes: { ...attributes, 'db.query.text': 'SET key ?' },
        status: UNSET,
      },
    ],
    durations: [{ name: 'db.client.operation.duration', attributes, count: 1 }],
  });
});

it.each<[string, object, object]>([
  [
    'a Unix socket',
    { command: 'get', args: ['key'], database: 0, serverAddress: '/run/redis.sock', serverPort: undefined },
    {
      name: 'GET',
      attributes: {
        'db.system.name': 'redis',
        'db.operation.name': 'GET',
        'db.namespace': '0',
        'db.query.text': 'GET key',
        'server.address': '/run/redis.sock',
      },
    },
  ],
  [
    'what is no name of a command',
    { command: `get ${SECRET}`, args: ['key'] },
    { name: 'redis', attributes: { 'db.system.name': 'redis' } },
  ],
  ['nothing', {}, { name: 'redis', attributes: { 'db.system.name': 'redis' } }],
])('%s', async (_title, message, expected) => {
  await inRequest('request', () => command.tracePromise(answer, message));
  expect(recordedSpans()).toMatchObject([expected]);
  expect(Object(recordedSpans()[0]).attributes).toEqual(Object(expected).attributes);
});

it.each<[string, Error, object]>([
  [
    'a reply',
    new ReplyError(`WRONGTYPE ${SECRET}`),
    { 'error.type': 'WRONGTYPE', 'db.response.status_code': 'WRONGTYPE' },
  ],
  [
    'the connection',
    Object.assign(new Error(`READ ${SECRET}`), { code: 'ECONNRESET' }),
    { 'error.type': 'ECONNRESET' },
  ],
  ['the client', new TypeError(`Connection ${SECRET}`), { 'error.type': 'TypeError' }],
])('a failure of %s', async (_title, error, expected) => {
  const failing = command.tracePromise(() => Promise.reject(error), { command: 'get', args: [], ...server });
  await expect(failing).rejects.toBe(error);
  await inRequest('request', () =>
    command.tracePromise(() => Promise.reject(error), { command: 'get', args: [], ...server }).catch(() => {}),
  );
  const [span] = recordedSpans();
  expect(span).toMatchObject({ status: { code: SpanStatusCode.ERROR }, attributes: expected });
  expect(Object(span).attributes['db.response.status_code']).toBe(Object(expected)['db.response.status_code']);
  expect(JSON.stringify([span, await recordedDurations()])).not.toContain(SECRET);
});

it('the commands of MULTI are not recorded beside it, within a request or not', async () => {
  const transaction = () =>
    batch.tracePromise(
      async () => {
        await command.tracePromise(answer, { command: 'set', args: ['key', '?'], ...server });
        await answer();
        await command.tracePromise(answer, { command: 'exec', args: [], ...server });
      },
      { batchMode: 'MULTI', batchSize: 2, ...server },
    );
  await inRequest('request', transaction);
  await transaction();
  const measured = { 'db.system.name': 'redis', 'db.operation.name': 'MULTI', ...where };
  expect({ spans: recordedSpans(), durations: await recordedDurations() }).toMatchObject({
    spans: [{ name: 'MULTI', attributes: { ...measured, 'db.operation.batch.size': 2 } }],
    durations: [{ attributes: measured, count: 2 }],
  });
});

it('a connection belongs to no request, but who waits for it does', async () => {
  const seen: unknown[] = [];
  await inRequest('request', async () => {
    await connect.tracePromise(async () => {
      seen.push(activeName());
      await command.tracePromise(answer, { command: 'info', args: [], ...server });
    }, {});
    seen.push(activeName());
  });
  expect({ seen, names: names() }).toEqual({ seen: [undefined, 'request'], names: [] });
});

it('a command that waits is not measured', async () => {
  await inRequest('request', () => command.tracePromise(answer, { command: 'blpop', args: ['key', '0'], ...server }));
  expect({ names: names(), durations: await recordedDurations() }).toEqual({ names: ['BLPOP'], durations: [] });
});

describe('a client of a pool', () => {
  let id = 0;
  /** However slow the machine is. */
  const now = () => performance.now() + 60_000;
  const get = (clientId: number, args: object = {}) =>
    nodeRedis.tracePromise(answer, { command: 'GET', args: ['GET', 'key'], clientId, ...args });

  it('that was free is used by its caller', async () => {
    const clientId = (id += 1);
    await inRequest('request', async () => {
      wait.publish({ clientId, waitStartTimestamp: now() });
      await get(clientId);
      wait.publish({ clientId, waitStartTimestamp: now() });
      await get(clientId);
    });
    expect(names()).toEqual(['GET', 'GET']);
  });

  it.each<[string, () => number]>([
    ['that was answered meanwhile', () => performance.now() - 0.001],
    ['for long', () => performance.now() - 50],
  ])('that was waited for, %s, is used by nobody known, until it is free again', async (_title, since) => {
    const clientId = (id += 1);
    await inRequest('request', async () => {
      wait.publish({ clientId, waitStartTimestamp: now() });
      const waiting = since();
      await get(clientId);
      wait.publish({ clientId, waitStartTimestamp: waiting });
      await get(clientId);
      expect(names()).toEqual(['GET']);
      wait.publish({ clientId, waitStartTimestamp: now() });
      await get(clientId);
    });
    expect({ names: names(), durations: await recordedDurations() }).toMatchObject({
      names: ['GET', 'GET'],
      durations: [{ count: 3 }],
    });
  });

  it('that is closed is forgotten', async () => {
    const clientId = (id += 1);
    await inRequest('request', async () => {
      wait.publish({ clientId, waitStartTimestamp: performance.now() - 50 });
      closed.publish({ clientId });
      await get(clientId);
    });
    expect(names()).toEqual(['GET']);
  });

  it('has no span for the commands of a pipeline, which has one', async () => {
    await inRequest('request', () => get(0, { batchMode: 'PIPELINE', batchSize: 2 }));
    expect({ names: names(), durations: await recordedDurations() }).toEqual({ names: [], durations: [] });
  });
});

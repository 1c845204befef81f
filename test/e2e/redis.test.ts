import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type Backend, startBackend } from '../support/backend.ts';
import { bundle } from '../support/bundle.ts';
import { runFixture } from '../support/run-fixture.ts';
import { startRedis } from './support/redis.ts';
import { asText } from '../support/as-text.ts';

const SECRET = 'swordfish';
const ERROR = 2;

const text = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** What is recorded of a request's commands: `NAME: text` and what else there is. */
function commandsOf(backend: Backend, library: string): string[] {
  const spans = backend.spans();
  return spans
    .filter(({ scope }) => scope.name === `swansong/${library}`)
    .map(({ name, kind, attributes, status, parentSpanId }) => {
      const parent = spans.find(({ spanId }) => spanId === parentSpanId);
      const { 'db.query.text': query, 'db.operation.batch.size': size, 'db.operation.name': operation } = attributes;
      const isRight = parent?.kind === 2 && kind === 3 && operation === name;
      const failure = status.code === ERROR ? [attributes['error.type'], attributes['db.response.status_code']] : [];
      return [`${name}:`, ...[query ?? [], size ?? [], failure].flat().map(text), ...(isRight ? [] : ['wrong'])].join(
        ' ',
      );
    });
}

const PROGRAM = fileURLToPath(new URL('../fixtures/redis.mjs', import.meta.url));

it.each(['installed', 'bundled'])(
  'commands are recorded under their request, with their first key (%s)',
  async (how) => {
    const [port, backend] = [await startRedis(), await startBackend()];
    const { code, stdout, stderr } = await runFixture({
      program: how === 'bundled' ? await bundle(PROGRAM, 'esm') : PROGRAM,
      args: [String(port), SECRET],
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: backend.url },
    });
    // The callback, and what follows, runs in the span of the request.
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '[1,1,1]\n', stderr: '' });
    expect(commandsOf(backend, 'ioredis')).toEqual([
      'SET: SET order:1 ?',
      'GET: GET order:1',
      'HSET: HSET cart:1 ? ?',
      'MGET: MGET ? ?',
      'EVAL: EVAL ? ? lock:1 ?',
      'EVAL: EVAL ? ? ?',
      'FCALL: FCALL ? ? ? ? ERR ERR',
      'CONFIG: CONFIG',
      'LPUSH: LPUSH order:1 ? WRONGTYPE WRONGTYPE',
      'BLPOP: BLPOP queue:1 ?',
      'MULTI: 2',
      'SET: SET order:3 ?',
      'GET: GET order:3',
    ]);
    expect(commandsOf(backend, 'redis')).toEqual([
      'SET: SET order:1 ?',
      'HSET: HSET cart:1 ? ?',
      'AUTH: AUTH ERR ERR',
      'EVAL: EVAL ? ? lock:1 ? ?',
      'LPUSH: LPUSH order:1 ? WRONGTYPE WRONGTYPE',
      'MULTI: 2',
      'PIPELINE: 2',
      'MULTI:',
    ]);
    const set = backend.spans().find(({ name, scope }) => name === 'SET' && scope.name === 'swansong/redis');
    const measured = {
      'db.system.name': 'redis',
      'db.operation.name': 'SET',
      'db.namespace': '2',
      'server.address': '127.0.0.1',
      'server.port': port,
    };
    expect(set?.attributes).toEqual({ ...measured, 'db.query.text': 'SET order:1 ?' });

    const durations = (library: string) =>
      backend
        .metrics()
        .filter(({ name, scope }) => name === 'db.client.operation.duration' && scope.name === `swansong/${library}`);
    expect(durations('redis').find(({ attributes }) => attributes['db.operation.name'] === 'SET')).toMatchObject({
      unit: 's',
      count: 1,
      attributes: measured,
    });
    // One outside of a request is measured, too; one that waits is not.
    const counts = Object.fromEntries(
      durations('ioredis').map((one) => [one.attributes['db.operation.name'], one.count]),
    );
    expect(counts).toMatchObject({ GET: 3, MULTI: 1, CONFIG: 1 });
    expect(Object.keys(counts)).not.toContain('BLPOP');
    expect(asText([backend.spans(), backend.metrics(), backend.logRecords()])).not.toContain(SECRET);
  },
);

describe.each([8, 64])('of %d requests at a time', (requests) => {
  it.each<[string, number]>([
    ['ioredis', 2 * requests + 10],
    ['redis', 2 * requests + 10],
    // What had to wait for the connection has no span: the library does not tell whose it is.
    ['ioredis-lazy', requests + 10],
    ['redis-pool', 1],
  ])('that share a client (%s), each has its own commands', async (client, least) => {
    const [port, backend] = [await startRedis(), await startBackend()];
    const { code, stdout, stderr } = await runFixture({
      program: 'redis-contention.mjs',
      args: [String(port), client, String(requests)],
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: backend.url },
    });
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '{"wrong":0}\n', stderr: '' });
    const spans = backend.spans();
    const commands = spans.filter(({ scope }) => /^swansong\/(io)?redis$/.test(scope.name));
    const inOther = commands.filter(({ attributes, parentSpanId }) => {
      const path = spans.find(({ spanId }) => spanId === parentSpanId)?.attributes['url.path'];
      return text(attributes['db.query.text']).split(':')[1] !== text(path ?? '').slice(1);
    });
    expect(inOther).toEqual([]);
    expect(commands.length).toBeGreaterThanOrEqual(least);
  });
});

it('a failure that nobody handles ends the process, unless it is of ioredis, which hides it from then on', async () => {
  const port = await startRedis();
  const codeOf = async (client: string, preload: 'import' | 'none', env: Record<string, string> = {}) => {
    const { code } = await runFixture({ program: 'redis-unhandled.mjs', args: [String(port), client], preload, env });
    return code;
  };
  const env = {
    OTEL_SDK_DISABLED: 'false',
    OTEL_TRACES_EXPORTER: 'none',
    OTEL_METRICS_EXPORTER: 'none',
    OTEL_LOGS_EXPORTER: 'none',
  };
  expect({
    redis: [await codeOf('redis', 'none'), await codeOf('redis', 'import', env)],
    ioredis: [await codeOf('ioredis', 'none'), await codeOf('ioredis', 'import', env)],
    disabled: await codeOf('ioredis', 'import', { ...env, OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'ioredis' }),
  }).toEqual({ redis: [1, 1], ioredis: [1, 0], disabled: 1 });
});

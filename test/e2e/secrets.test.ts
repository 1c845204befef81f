import { expect, it } from 'vitest';
import { asText } from '../support/as-text.ts';
import { startBackend } from '../support/backend.ts';
import { runFixture } from '../support/run-fixture.ts';
import { startMariaDb } from './support/mariadb.ts';
import { startPostgreSql } from './support/postgresql.ts';
import { startRedis } from './support/redis.ts';

const SECRET = 'swordfish';

/** Those of Kafka, BullMQ, mongoose and `node:sqlite` are looked for by their own tests, and prompts by that of the AI SDK. */
it('parameters, literals, keys, headers, variables, bodies and redacted fields are in nothing that is sent', async () => {
  const [postgresql, mariadb, redis] = await Promise.all([startPostgreSql(), startMariaDb(), startRedis()]);
  const backend = await startBackend();
  const { code, stderr } = await runFixture({
    program: 'secrets.mjs',
    args: [JSON.stringify({ postgresql, mariadb, redis })],
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: backend.url, SECRET },
  });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });

  const spans = backend.spans();
  const sent = asText([spans, backend.metrics(), backend.logRecords()]);
  const around = sent.indexOf(SECRET);
  expect(around === -1 ? '' : sent.slice(Math.max(0, around - 500), around + 100)).toBe('');

  // What had a secret in it was sent.
  const counts = Object.fromEntries(
    Object.entries(Object.groupBy(spans, ({ scope }) => scope.name)).map(([scope, of]) => [scope, of?.length]),
  );
  expect(counts).toEqual({
    // The third query is not valid, and not executed.
    'swansong/graphql': 2,
    'swansong/http': 9,
    'swansong/ioredis': 6,
    'swansong/mysql2': 7,
    'swansong/pg': 6,
    'swansong/redis': 5,
    'swansong/undici': 7,
  });
  expect(sent).toContain('/control/pg');
  expect(backend.logRecords().map(({ body }) => body)).toEqual(expect.arrayContaining(['bought']));
});

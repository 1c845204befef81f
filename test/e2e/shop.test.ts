import { describe, expect, it } from 'vitest';
import { startBackend } from '../support/backend.ts';
import { startFixture } from '../support/run-fixture.ts';
import { startMariaDb } from './support/mariadb.ts';
import { nodeOf } from './support/node-version.ts';
import { startPostgreSql } from './support/postgresql.ts';
import { startRedis } from './support/redis.ts';
import { durationLines, logLines, spanLines } from './support/shop/received-lines.ts';
import { SHOP_REQUESTS } from './support/shop/shop-requests.ts';
import { expectedDurations, expectedLogs, expectedSpans, STDOUT } from './support/shop/shop-expected.ts';

/** What BullMQ does in the background is measured as well, and not always the same. */
const OF_BULLMQ = /db\.operation\.name=(?!GET|SET|MULTI)|^v8js/;

describe.each(['22.15.0', '22', '24', '26'])('on Node %s', (version) => {
  describe.each(['express', 'express-4', 'fastify'])('%s', (framework) => {
    it.each(['shop.mjs', 'shop.cjs'])('%s: what it does is seen, and what it prints is the same', async (program) => {
      const [postgresql, mariadb, redis] = await Promise.all([startPostgreSql(), startMariaDb(), startRedis()]);
      const backend = await startBackend();
      const fixture = startFixture({
        program: `shop/${program}`,
        args: [framework, JSON.stringify({ postgresql, mariadb, redis })],
        node: await nodeOf(version),
        env: { OTEL_EXPORTER_OTLP_ENDPOINT: backend.url, NODE_ENV: 'test' },
      });
      const { shop, stock }: { shop: number; stock: number } = JSON.parse(await fixture.line('"shop"'));
      for (const [method, path] of SHOP_REQUESTS) {
        const response = await fetch(`http://127.0.0.1:${shop}${path}`, { method });
        await response.text();
      }
      fixture.endInput();
      const { code, stdout, stderr } = await fixture.result;
      const ports = new Map([
        [postgresql, 'POSTGRESQL'],
        [mariadb, 'MARIADB'],
        [redis, 'REDIS'],
        [shop, 'SHOP'],
        [stock, 'STOCK'],
      ]);
      const differences = { publishesErrors: framework !== 'express-4' };
      expect({
        code,
        stderr,
        stdout: stdout.split('\n').slice(1, -1),
        spans: spanLines(backend, ports),
        logs: logLines(backend, ports),
        durations: durationLines(backend, ports).filter((line) => !OF_BULLMQ.test(line)),
      }).toEqual({
        code: 0,
        stderr: '',
        stdout: STDOUT,
        spans: expectedSpans(differences),
        logs: expectedLogs(differences),
        durations: expectedDurations(differences),
      });
    });
  });
});

import { describe, expect, it } from 'vitest';
import { startBackend } from '../support/backend.ts';
import type { ReceivedSpan } from '../support/received-telemetry.ts';
import { runFixture } from '../support/run-fixture.ts';
import { startMariaDb } from './support/mariadb.ts';
import { startPostgreSql } from './support/postgresql.ts';

const SERVER = 2;
const CLIENT = 3;

/** The number of the request that a span belongs to by what it says itself: the path that it calls, or the name of a column. */
function requestOf({ attributes }: ReceivedSpan): string | undefined {
  const said = JSON.stringify([attributes['url.full'], attributes['db.query.text']]);
  return /(?:\/of\/| as r)(\d+)/.exec(said)?.[1];
}

describe.each([8, 64])('of %d requests at a time that share one connection', (requests) => {
  it.each([
    'pg, promises',
    'pg, callbacks',
    'mysql2, promises',
    'mysql2, callbacks',
    'mysql2, prepared, promises',
    'mysql2, prepared, callbacks',
    'mysql2, transactions',
    'mysql2, rows one by one',
  ])('each has its own queries, and what it calls afterwards (%s)', async (client) => {
    const port = await (client.startsWith('pg') ? startPostgreSql() : startMariaDb());
    const backend = await startBackend();
    const { code, stdout, stderr } = await runFixture({
      program: 'contention.mjs',
      args: [client, String(port), String(requests)],
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: backend.url },
    });
    const spans = backend.spans();
    const paths = new Map(
      spans.filter(({ kind }) => kind === SERVER).map(({ spanId, attributes }) => [spanId, attributes['url.path']]),
    );
    const made = spans.filter((span) => span.kind === CLIENT && requestOf(span) !== undefined);
    const inOther = made.filter((span) => paths.get(span.parentSpanId) !== `/${requestOf(span)}`);
    expect({ code, stdout, stderr, inOther, made: made.length }).toEqual({
      code: 0,
      stdout: '{"wrong":0}\n',
      stderr: '',
      inOther: [],
      made: requests * 3,
    });
  });
});

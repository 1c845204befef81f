import { once } from 'node:events';
import { createRequire } from 'node:module';
import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import pg from 'pg';
import { describe, expect, it, vi } from 'vitest';
import { PG } from '../../../../../src/instrumentation/channels/pg/pg.ts';
import { fakePostgres } from '../../../../support/fake-postgres.ts';
import { whenTestEnds } from '../../../../support/when-test-ends.ts';
import { inRequest, instrument, recordedDurations, recordedSpans } from '../recorded.ts';

const require = createRequire(import.meta.url);
const Cursor: new (
  text: string,
  values?: readonly unknown[],
) => pg.Submittable & {
  read: (rows: number) => Promise<unknown[]>;
  close: () => Promise<void>;
} = require('pg-cursor');

instrument(PG);

async function connect(): Promise<pg.Client> {
  const client = new pg.Client({ host: '127.0.0.1', port: await fakePostgres(), database: 'shop', user: 'marker' });
  await client.connect();
  whenTestEnds(() => client.end());
  return client;
}

const UNREADABLE = {
  getTypeParser: () => () => {
    throw new RangeError('marker');
  },
};

/** What is the same for all queries, with the port as it is different each time. */
const common = (client: pg.Client) => ({
  'db.system.name': 'postgresql',
  'db.namespace': 'shop',
  'server.address': '127.0.0.1',
  'server.port': client.port,
});

describe('a query', () => {
  it('is a span of its caller, without its values', async () => {
    const client = await connect();
    await inRequest('request', () =>
      client.query({ name: 'find', text: "select 2 from items where a = $1 and b = 'marker'", values: ['marker'] }),
    );
    const measured = { ...common(client), 'db.query.summary': 'SELECT items' };
    expect([recordedSpans(), await recordedDurations()]).toEqual([
      [
        {
          name: 'SELECT items',
          kind: SpanKind.CLIENT,
          parent: 'request',
          attributes: { ...measured, 'db.query.text': 'select ? from items where a = $1 and b = ?' },
          status: { code: SpanStatusCode.UNSET },
        },
      ],
      [{ name: 'db.client.operation.duration', attributes: measured, count: 1 }],
    ]);
  });

  it('that fails has the SQLSTATE, and not the message, which quotes it', async () => {
    const client = await connect();
    await inRequest('request', async () => {
      await expect(client.query("refuse 'marker'")).rejects.toThrow("refuse 'marker' is refused");
      await new Promise((resolve) => {
        client.query('refuse $1', ['marker'], resolve);
      });
    });
    const failed = { 'error.type': '42703', 'db.response.status_code': '42703' };
    const span = (text: string) => ({
      name: 'postgresql',
      kind: SpanKind.CLIENT,
      parent: 'request',
      attributes: { ...common(client), 'db.query.text': text, ...failed },
      status: { code: SpanStatusCode.ERROR, message: 'SQLSTATE 42703' },
    });
    expect([recordedSpans(), await recordedDurations()]).toEqual([
      [span('refuse ?'), span('refuse $1')],
      [{ name: 'db.client.operation.duration', attributes: { ...common(client), ...failed }, count: 2 }],
    ]);
  });

  it('without the span of a request has none, and is measured', async () => {
    const client = await connect();
    await client.query('begin');
    const attributes = { ...common(client), 'db.query.summary': 'BEGIN' };
    expect([recordedSpans(), await recordedDurations()]).toEqual([
      [],
      [{ name: 'db.client.operation.duration', attributes, count: 1 }],
    ]);
  });

  it('by the name alone of a prepared statement has its text', async () => {
    const client = await connect();
    await inRequest('request', async () => {
      await client.query({ name: 'find', text: 'select 1 from items' });
      // Not in the types.
      await Reflect.apply(client.query.bind(client), undefined, [{ name: 'find' }]);
    });
    expect(recordedSpans().map((span) => Reflect.get(Object(span), 'name'))).toEqual(['SELECT items', 'SELECT items']);
  });
});

const outcomes = (): unknown[] =>
  recordedSpans().map((span) => [
    Reflect.get(Object(span), 'status').code,
    Reflect.get(Object(span), 'attributes')['error.type'],
  ]);

describe('the span ends', () => {
  it.each<[string, (client: pg.Client) => unknown, SpanStatusCode, string | undefined]>([
    [
      'with the last rows of a cursor',
      (client) => client.query(new Cursor('select 3')).read(9),
      SpanStatusCode.UNSET,
      undefined,
    ],
    [
      'when a cursor is closed',
      async (client) => {
        const cursor = client.query(new Cursor('select 3'));
        await cursor.read(1);
        await cursor.close();
      },
      SpanStatusCode.UNSET,
      undefined,
    ],
    ['when a cursor fails', (client) => client.query(new Cursor('refuse')).read(1), SpanStatusCode.ERROR, '42703'],
    [
      'when a row cannot be read',
      (client) => once(client.query(new pg.Query({ text: 'select 1', types: UNREADABLE })), 'end'),
      SpanStatusCode.ERROR,
      'RangeError',
    ],
    ['when the connection is lost', (client) => client.query('drop'), SpanStatusCode.ERROR, 'Error'],
    [
      'when a value cannot be sent',
      (client) =>
        client.query('select $1', [
          {
            toPostgres: () => {
              throw new RangeError('marker');
            },
          },
        ]),
      SpanStatusCode.ERROR,
      'RangeError',
    ],
    [
      'when pg refuses the call',
      (client) => Reflect.apply(client.query.bind(client), undefined, [null]),
      SpanStatusCode.ERROR,
      '_OTHER',
    ],
    [
      'when the client has ended',
      async (client) => {
        await client.end();
        await client.query('select 1');
      },
      SpanStatusCode.ERROR,
      'Error',
    ],
  ])('%s', async (_, use, code, errorType) => {
    const client = await connect();
    client.on('error', () => {});
    await inRequest('request', async () => {
      try {
        await use(client);
      } catch {
        // Shown by the span.
      }
    });
    await vi.waitFor(() => expect(outcomes()).toEqual([[code, errorType]]));
  });
});

it('over a Unix socket, its address is that of the socket', () => {
  const span = PG.channels.find(({ channel }) => channel === 'pg:query')?.span;
  const client = { database: 'shop', host: '/run/postgresql', port: 5433 };
  expect(span?.describe({ query: { text: 'select 1' }, client })?.measured).toEqual({
    'db.system.name': 'postgresql',
    'db.namespace': 'shop',
    'server.address': '/run/postgresql/.s.PGSQL.5433',
    'db.query.summary': 'SELECT',
  });
});

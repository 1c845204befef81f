import { createRequire } from 'node:module';
import type { Readable, Writable } from 'node:stream';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { PG } from '../../../../../src/instrumentation/channels/pg/pg.ts';
import { fakePostgres } from '../../../../support/fake-postgres.ts';
import { activeName, inRequest, instrument, recordedSpans } from '../recorded.ts';

interface Cursor extends pg.Submittable {
  read: (rows: number, done: (error: Error | null, rows: unknown[]) => void) => void;
  close: (done: () => void) => void;
}
const require = createRequire(import.meta.url);
const CursorOf: new (text: string, values?: readonly unknown[]) => Cursor = require('pg-cursor');
const copy: {
  to: (text: string) => pg.Submittable & Readable;
  from: (text: string) => pg.Submittable & Writable;
} = require('pg-copy-streams');

instrument(PG);

/** Notes where it is called. */
type Here = () => void;
type Finished = () => void;

/** What a request does with a pool; all but the first two by callbacks and events. */
const USES: Readonly<Record<string, (pool: pg.Pool, here: Here, finished: Finished) => unknown>> = {
  async 'pool.query, awaited'(pool, here, finished) {
    await pool.query('select 1');
    here();
    finished();
  },
  async 'pool.connect and client.query, awaited'(pool, here, finished) {
    const client = await pool.connect();
    here();
    await client.query({ name: 'named', text: 'select 1 where $1', values: [1] });
    here();
    client.release();
    finished();
  },
  'pool.query, with a callback'(pool, here, finished) {
    pool.query('select 1', () => {
      here();
      setImmediate(() => {
        here();
        finished();
      });
    });
  },
  'pool.connect and client.query, with callbacks'(pool, here, finished) {
    pool.connect((_, client, release) => {
      here();
      client?.query('select 1 where $1', ['x'], () => {
        here();
        release();
        finished();
      });
    });
  },
  'a callback in the configuration'(pool, here, finished) {
    pool.connect((_, client, release) => {
      const config = {
        text: 'select 1',
        callback() {
          here();
          release();
          finished();
        },
      };
      // Not in the types.
      Reflect.apply(client?.query.bind(client) ?? fail, undefined, [config]);
    });
  },
  'a query that fails'(pool, here, finished) {
    pool.query('refuse', () => {
      here();
      finished();
    });
  },
  'a connection that is lost'(pool, here, finished) {
    pool.query('drop', () => {
      here();
      finished();
    });
  },
  'the events of a Query'(pool, here, finished) {
    pool.connect((_, client, release) => {
      client
        ?.query(new pg.Query('select 3'))
        .on('row', here)
        .on('end', () => {
          here();
          release();
          finished();
        });
    });
  },
  'the error event of a Query'(pool, here, finished) {
    pool.connect((_, client, release) => {
      client?.query(new pg.Query('refuse')).on('error', () => {
        here();
        release();
        finished();
      });
    });
  },
  'a cursor'(pool, here, finished) {
    pool.connect((_, client, release) => {
      const cursor = client?.query(new CursorOf('select 3 where $1', ['x']));
      cursor?.read(2, () => {
        here();
        cursor.read(2, () => {
          here();
          cursor.close(() => {
            here();
            release();
            finished();
          });
        });
      });
    });
  },
  'COPY TO'(pool, here, finished) {
    pool.connect((_, client, release) => {
      client
        ?.query(copy.to('copy t to stdout'))
        .on('data', here)
        .on('end', () => {
          here();
          release();
          finished();
        });
    });
  },
  'COPY FROM'(pool, here, finished) {
    pool.connect((_, client, release) => {
      client
        ?.query(copy.from('copy t from stdin'))
        .on('finish', () => {
          here();
          release();
          finished();
        })
        .end('1\n2\n');
    });
  },
};

function fail(): never {
  throw new Error('no client');
}

describe.each([8, 64])('%i requests at once, one connection: in its own request is', (count) => {
  it.each(Object.entries(USES))('%s', async (_, use) => {
    const pool = new pg.Pool({ host: '127.0.0.1', port: await fakePostgres(), user: 'u', database: 'd', max: 1 });
    const requests = Array.from({ length: count }, (__, index) => `request ${index}`);
    const strays: unknown[] = [];
    await Promise.all(
      requests.map((request) =>
        inRequest(request, () => {
          const { promise, resolve } = Promise.withResolvers<undefined>();
          const here = () => {
            if (activeName() !== request) strays.push(`${request} continues in ${activeName()}`);
          };
          use(pool, here, () => resolve(undefined));
          return promise;
        }),
      ),
    );
    await pool.end();
    const parents = recordedSpans().map((span) => String(Reflect.get(Object(span), 'parent')));
    const inOrder = (names: readonly string[]) => names.toSorted((a, b) => a.localeCompare(b));
    expect({ strays, parents: inOrder(parents) }).toEqual({ strays: [], parents: inOrder(requests) });
  });
});

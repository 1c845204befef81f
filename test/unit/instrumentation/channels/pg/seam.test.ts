import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { PG } from '../../../../../src/instrumentation/channels/pg/pg.ts';
import { isMethod } from '../../../../../src/instrumentation/channels/pg/replace-method.ts';
import { copyOfPg } from '../../../../support/copy-of-pg.ts';
import { fakePostgres } from '../../../../support/fake-postgres.ts';
import { inRequest, instrument, recordedSpans } from '../recorded.ts';

instrument(PG);

const texts = (): unknown[] =>
  recordedSpans().map((span) => Reflect.get(Reflect.get(Object(span), 'attributes'), 'db.query.text'));

/** What the pull request for pg adds, as far as it matters here. */
const PUBLISHES = `
const { tracingChannel } = require('node:diagnostics_channel');
const channel = tracingChannel('pg:query');
const { query } = Client.prototype;
Client.prototype.query = function published(config, values) {
  const message = { query: { text: config }, client: { database: this.database, host: this.host, port: this.port } };
  return channel.tracePromise(() => query.call(this, config, values), message);
};
`;

describe('a copy of pg', () => {
  it('is instrumented when it connects, each one that there is', async () => {
    const port = await fakePostgres();
    const copies = [pg, (await copyOfPg()).load(), (await copyOfPg()).load()];
    await inRequest('request', async () => {
      for (const [index, { Pool }] of copies.entries()) {
        const pool = new Pool({ host: '127.0.0.1', port });
        await pool.query(`create of_copy_${index}`);
        await pool.end();
      }
    });
    expect(texts()).toEqual(['create of_copy_0', 'create of_copy_1', 'create of_copy_2']);
  });

  it('that publishes its queries itself is left alone: no query is recorded twice', async () => {
    const { Client } = (await copyOfPg(PUBLISHES)).load();
    const client = new Client({ host: '127.0.0.1', port: await fakePostgres() });
    const query: unknown = Reflect.get(Client.prototype, 'query');
    await client.connect();
    await inRequest('request', async () => {
      await client.query('create a');
      await client.query('create b');
    });
    await client.end();
    expect([texts(), Reflect.get(Client.prototype, 'query')]).toEqual([['create a', 'create b'], query]);
  });

  it('whose methods the application has replaced in the meantime keeps them', async () => {
    const { Client } = (await copyOfPg(PUBLISHES)).load();
    const client = new Client({ host: '127.0.0.1', port: await fakePostgres() });
    await client.connect();
    const query: unknown = Reflect.get(Client.prototype, 'query');
    function replaced(this: unknown, ...args: unknown[]): unknown {
      return isMethod(query) ? Reflect.apply(query, this, args) : undefined;
    }
    Reflect.set(Client.prototype, 'query', replaced);
    await inRequest('request', async () => {
      await client.query('create a');
      await client.query('create b');
    });
    await client.end();
    expect([texts(), Reflect.get(Client.prototype, 'query')]).toEqual([['create a', 'create b'], replaced]);
  });
});

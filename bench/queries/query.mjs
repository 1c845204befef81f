// Queries, a hundred at a time in a span, and prints CPU time per query in microseconds: node query.mjs CLIENT PORT QUERIES. At a time,
// since the time of a process that waits for each answer is mostly that of waking up.
import { trace } from '@opentelemetry/api';
import { Redis } from 'ioredis';
import mysql from 'mysql2/promise';
import pg from 'pg';
import { createClient } from 'redis';

const [name, port, queries] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const IN_A_SPAN = 100;
const WARM_UP = 2000;

const clients = {
  async pg() {
    const client = new pg.Client({ host: '127.0.0.1', port, user: 'postgres', database: 'postgres' });
    await client.connect();
    return { query: (id) => client.query('SELECT $1::int AS id', [id]), close: () => client.end() };
  },
  async mysql2() {
    const client = await mysql.createConnection({ host: '127.0.0.1', port, user: 'root', database: 'shop' });
    return { query: (id) => client.query('SELECT ? AS id', [id]), close: () => client.end() };
  },
  async 'mysql2, prepared'() {
    const client = await mysql.createConnection({ host: '127.0.0.1', port, user: 'root', database: 'shop' });
    return { query: (id) => client.execute('SELECT ? AS id', [id]), close: () => client.end() };
  },
  async ioredis() {
    const client = new Redis(port, '127.0.0.1');
    return { query: (id) => client.get(`item:${id}`), close: () => client.disconnect() };
  },
  async redis() {
    const client = await createClient({ url: `redis://127.0.0.1:${port}` }).connect();
    return { query: (id) => client.get(`item:${id}`), close: () => client.close() };
  },
};
const client = await clients[name]();
const tracer = trace.getTracer('bench');

async function run(count) {
  for (let done = 0; done < count; done += IN_A_SPAN) {
    await tracer.startActiveSpan('request', async (span) => {
      await Promise.all(Array.from({ length: IN_A_SPAN }, (_, index) => client.query(done + index)));
      span.end();
    });
  }
}

await run(WARM_UP);
const before = process.cpuUsage();
await run(queries);
const { user, system } = process.cpuUsage(before);
console.log((user + system) / queries);
await client.close();

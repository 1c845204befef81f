// Answers requests of itself, each with queries and a log line, and prints memory in megabytes while it does: node serve.mjs PORT REQUESTS.
import { once } from 'node:events';
import { Agent, get } from 'node:http';
import express from 'express';
import pg from 'pg';
import { pino } from 'pino';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const [port, requests] = process.argv.slice(2).map(Number);
const AT_A_TIME = 16;
const READINGS = 10;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');

const pool = new pg.Pool({ host: '127.0.0.1', port, user: 'postgres', database: 'postgres', max: AT_A_TIME });
const log = pino({ level: 'info' }, { write: () => {} });
const app = express();
app.get('/orders/:id', async (request, response) => {
  await pool.query('SELECT $1::text AS id', [request.params.id]);
  log.info({ order: request.params.id }, 'order read');
  response.end('order');
});
const server = app.listen(0, '127.0.0.1');
await once(server, 'listening');
const agent = new Agent({ keepAlive: true, maxSockets: AT_A_TIME });
let sent = 0;
async function ask(until) {
  while (sent < until) {
    sent += 1;
    const { promise, resolve, reject } = Promise.withResolvers();
    get({ host: '127.0.0.1', port: server.address().port, path: `/orders/${sent}`, agent }, (response) =>
      response.on('end', resolve).resume(),
    ).on('error', reject);
    await promise;
  }
}

const readings = [];
for (let reading = 1; reading <= READINGS; reading += 1) {
  await Promise.all(Array.from({ length: AT_A_TIME }, () => ask((requests / READINGS) * reading)));
  collect();
  const { heapUsed, rss } = process.memoryUsage();
  readings.push({ requests: sent, heapMegabytes: heapUsed / 1e6, rssMegabytes: rss / 1e6 });
}
agent.destroy();
server.close();
await pool.end();
console.log(JSON.stringify(readings));

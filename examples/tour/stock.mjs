import { createServer } from 'node:http';
import { setTimeout } from 'node:timers/promises';

const { PORT = '0' } = process.env;

const available = new Map([
  ['coffee', 12],
  ['tea', 7],
  ['mate', 30],
]);

const server = createServer(async (request, response) => {
  // What a look into a database takes.
  await setTimeout(20);
  const [, room, product] = request.url.split('/');
  const count = room === 'stock' ? available.get(product) : undefined;
  response
    .writeHead(count === undefined ? 404 : 200, { 'content-type': 'application/json' })
    .end(JSON.stringify({ product, available: count ?? 0 }));
});

server.listen(Number(PORT), '127.0.0.1', () => {
  console.log(`stock listening on http://127.0.0.1:${server.address().port}`);
});
process.once('SIGTERM', () => server.close());

import { createServer } from 'node:http';
import { setTimeout } from 'node:timers/promises';

const { PORT = '0' } = process.env;

const available = new Map([
  ['coffee', 12],
  ['tea', 7],
  ['mate', 30],
]);

const server = createServer(async (request, response) => {
  const [, room, product] = request.url.split('/');
  if (product === 'tea') console.log('the tea is in the cellar');
  // What a look into a database takes, and what the cellar does. Nobody waits for it any more once the program shall end.
  await setTimeout(product === 'tea' ? 10_000 : 20, undefined, { ref: false });
  const count = room === 'stock' ? available.get(product) : undefined;
  response
    .writeHead(count === undefined ? 404 : 200, { 'content-type': 'application/json' })
    .end(JSON.stringify({ product, available: count ?? 0 }));
});

server.listen(Number(PORT), '127.0.0.1', () => {
  console.log(`stock listening on http://127.0.0.1:${server.address().port}`);
});
process.once('SIGTERM', () => server.close());

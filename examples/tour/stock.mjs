import { createServer } from 'node:http';
import { setTimeout } from 'node:timers/promises';

const { PORT = '0' } = process.env;

const available = new Map([
  ['coffee', 12],
  ['tea', 7],
  ['mate', 30],
]);

const server = createServer(async (request, response) => {
  const [, resource, product] = request.url.split('/');
  if (product === 'tea') console.log('the tea is in the cellar');
  // The duration of a database query, and of the way to the cellar. Unreferenced: it must not delay the end of the process.
  await setTimeout(product === 'tea' ? 10_000 : 20, undefined, { ref: false });
  const count = resource === 'stock' ? available.get(product) : undefined;
  response
    .writeHead(count === undefined ? 404 : 200, { 'content-type': 'application/json' })
    .end(JSON.stringify({ product, available: count ?? 0 }));
});

server.listen(Number(PORT), '127.0.0.1', () => {
  console.log(`stock listening on http://127.0.0.1:${server.address().port}`);
});
process.once('SIGTERM', () => server.close());

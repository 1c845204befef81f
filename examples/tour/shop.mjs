import { createReadStream } from 'node:fs';
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';

const { PORT = '0', STOCK_URL } = process.env;

const products = ['coffee', 'tea', 'mate'];
const prices = { coffee: { euros: 4 }, tea: { euros: 3 } };

const server = createServer((request, response) => {
  answer(request, response).catch((error) => {
    console.error(`${request.method} ${request.url}: ${error}`);
    send(response, 500, { error: 'internal error' });
  });
});

async function answer(request, response) {
  switch (`${request.method} ${request.url}`) {
    case 'GET /products':
      return send(response, 200, products);
    case 'POST /checkout':
      return checkout(await json(request), response);
    case 'GET /receipt':
      return receipt(response);
    default:
      return send(response, 404, { error: 'not found' });
  }
}

async function checkout({ product, quantity }, response) {
  const stock = await fetch(`${STOCK_URL}/stock/${product}`);
  const { available } = await stock.json();
  if (available < quantity) return send(response, 409, { error: 'sold out' });
  // The first bug of this shop: there is no price for mate.
  return send(response, 201, { euros: quantity * prices[product].euros });
}

function receipt(response) {
  createReadStream('receipt.txt')
    .on('error', (error) => {
      // The second bug: an error thrown in a listener is uncaught and ends the process.
      throw new Error('cannot print the receipt', { cause: error });
    })
    .pipe(response);
}

function send(response, status, body) {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

server.listen(Number(PORT), '127.0.0.1', () => {
  console.log(`shop listening on http://127.0.0.1:${server.address().port}`);
});
process.once('SIGTERM', () => server.close());

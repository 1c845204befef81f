// The application of this bench: requests that take a while, and quick ones. Says which port it has, and of each slow request
// that it was accepted. CommonJS: what hooks `require` sees node:http only there.
const { createServer } = require('node:http');

const server = createServer((request, response) => {
  if (request.url === '/quick') {
    response.end('done');
    return;
  }
  console.log('accepted');
  setTimeout(() => response.end('done'), Number(process.env.BENCH_REQUEST_MILLIS));
});
server.listen(0, '127.0.0.1', () => console.log(`port ${server.address().port}`));

exports.server = server;

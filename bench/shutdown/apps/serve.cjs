// The application of this bench: slow and quick requests. Prints its port, and a line for each slow request that it has accepted.
// CommonJS, since instrumentations that hook `require` do not see node:http in ES modules.
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

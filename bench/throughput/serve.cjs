// A server to put under load: node serve.cjs empty|wait|express. Prints its port; answers each message with its CPU time and memory.
'use strict';
const { createServer } = require('node:http');

const WAIT_MILLIS = 5;
const handlers = {
  empty: () => (_request, response) => response.end('ok'),
  wait: () => (_request, response) => void setTimeout(() => response.end('ok'), WAIT_MILLIS),
  express() {
    const app = require('express')();
    app.get('/items/:id', (request, response) => response.end(request.params.id));
    return app;
  },
};

const server = createServer(handlers[process.argv[2]]());
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send({ cpuMicros: user + system, rssBytes: process.memoryUsage.rss() });
});
process.on('disconnect', () => process.exit());

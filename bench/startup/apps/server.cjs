'use strict';
const { writeSync } = require('node:fs');
const { createServer } = require('node:http');

const server = createServer((_request, response) => response.end('ok'));
server.listen(0, '127.0.0.1', () => {
  writeSync(1, 'listening\n');
  server.close();
});

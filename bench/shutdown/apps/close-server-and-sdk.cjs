// The same in the right order.
const { sdk } = require('../../nodesdk/preload.mjs');
const { server } = require('./serve.cjs');

process.once('SIGTERM', () => {
  server.close(() => sdk.shutdown().finally(() => process.exit(0)));
});

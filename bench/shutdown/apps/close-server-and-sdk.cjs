// Like shut-down-sdk.cjs, but closes the server first.
const { sdk } = require('../../nodesdk/preload.mjs');
const { server } = require('./serve.cjs');

process.once('SIGTERM', () => {
  server.close(() => sdk.shutdown().finally(() => process.exit(0)));
});

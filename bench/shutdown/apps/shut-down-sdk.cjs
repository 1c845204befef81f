// As in the documentation of NodeSDK. Its preload exports the SDK.
const { sdk } = require('../../nodesdk/preload.mjs');
require('./serve.cjs');

process.on('SIGTERM', () => {
  sdk.shutdown().finally(() => process.exit(0));
});

// Closes its server and knows nothing of telemetry.
const { server } = require('./serve.cjs');

process.once('SIGTERM', () => {
  server.close(() => process.exit(0));
});

// Closes its server and does nothing about telemetry.
const { server } = require('./serve.cjs');

process.once('SIGTERM', () => {
  server.close(() => process.exit(0));
});

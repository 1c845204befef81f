// As in swansong's README.
const { gracefulShutdown } = require('swansong');
const { server } = require('./serve.cjs');

process.once('SIGTERM', async () => {
  const report = await gracefulShutdown({ servers: [server], timeoutMillis: 10_000 });
  process.exit(report.ok ? 0 : 1);
});

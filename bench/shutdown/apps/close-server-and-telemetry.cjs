// Closes its server, and then the tracer provider, which is all that an application can reach of a preloaded SDK.
const { trace } = require('@opentelemetry/api');
const { server } = require('./serve.cjs');

process.once('SIGTERM', () => {
  server.close(async () => {
    const proxy = trace.getTracerProvider();
    await (proxy.getDelegate?.() ?? proxy).shutdown();
    process.exit(0);
  });
});

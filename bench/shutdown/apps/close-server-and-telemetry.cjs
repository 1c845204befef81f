// Closes its server, and then the tracer provider, the only part of a preloaded SDK that an application can access.
const { trace } = require('@opentelemetry/api');
const { server } = require('./serve.cjs');

process.once('SIGTERM', () => {
  server.close(async () => {
    const proxy = trace.getTracerProvider();
    await (proxy.getDelegate?.() ?? proxy).shutdown();
    process.exit(0);
  });
});

// CommonJS: HttpInstrumentation sees what is required. In ES modules it needs the loader hook of @opentelemetry/instrumentation.
const { createServer } = require('node:http');
const { trace } = require('@opentelemetry/api');
const { gracefulShutdown } = require('swansong');

const { HOST = '0.0.0.0', PORT = '8080' } = process.env;
const tracer = trace.getTracer('orders');

const server = createServer((request, response) => {
  const id = request.url.slice('/orders/'.length);
  tracer.startActiveSpan('load order', (span) => {
    // A slow query. An error in here is caught by nobody.
    setTimeout(() => {
      if (!/^\d+$/.test(id)) throw new Error(`no order ${id}`);
      span.end();
      response.end(`order ${id}\n`);
    }, 100);
  });
});

process.once('SIGTERM', async () => {
  // In the place of sdk.shutdown(): it waits for the requests in flight, too.
  const report = await gracefulShutdown({ servers: [server], timeoutMillis: 7000 });
  process.exit(report.ok ? 0 : 1);
});

server.listen(Number(PORT), HOST, () => console.log(`listening on http://${HOST}:${server.address().port}`));

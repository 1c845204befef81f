// node --import swansong/register server.mjs
import { setTimeout } from 'node:timers/promises';
import { trace } from '@opentelemetry/api';
import fastify from 'fastify';
import { gracefulShutdown } from 'swansong';
import { fastifyPlugin } from 'swansong/handlers';

const { HOST = '0.0.0.0', PORT = '8080' } = process.env;
// For Docker, which kills 10 s after SIGTERM. ../kubernetes/deployment.yaml sets values for the 30 s of Kubernetes.
const { SHUTDOWN_TIMEOUT_MILLIS = '7000', READINESS_DELAY_MILLIS = '0' } = process.env;

const tracer = trace.getTracer('reports');
const ordersOfYear = new Map([
  ['2024', 1204],
  ['2025', 1511],
]);
let ready = true;

const app = fastify();
await app.register(fastifyPlugin);
app.get('/ready', (request, reply) => reply.status(ready ? 200 : 503).send({ ready }));
app.get('/reports/:year', (request) => createReport(request.params.year));

function createReport(year) {
  return tracer.startActiveSpan('create report', { attributes: { 'report.year': year } }, async (span) => {
    try {
      await setTimeout(1000); // a slow query
      const orders = ordersOfYear.get(year);
      if (orders === undefined) throw new Error(`no books of ${year}`);
      return { year, orders };
    } finally {
      span.end();
    }
  });
}

async function stop() {
  const report = await gracefulShutdown({
    servers: [app.server],
    onDraining: () => (ready = false),
    readinessDelayMillis: Number(READINESS_DELAY_MILLIS),
    timeoutMillis: Number(SHUTDOWN_TIMEOUT_MILLIS),
    close: [() => app.close()], // runs the onClose hooks, e.g. of a database plugin
  });
  for (const error of report.errors) console.error(error);
  process.exit(report.ok ? 0 : 1);
}
process.once('SIGTERM', stop);
process.once('SIGINT', stop);

await app.listen({ port: Number(PORT), host: HOST });
console.log(`listening on http://${HOST}:${app.server.address().port}`);

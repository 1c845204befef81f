// node --import swansong/register server.mjs
import { createServer } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import { trace } from '@opentelemetry/api';
import { gracefulShutdown, reportError } from 'swansong';

const { HOST = '0.0.0.0', PORT = '8080' } = process.env;
// For Docker, which kills 10 s after SIGTERM. ../kubernetes/deployment.yaml sets values for the 30 s of Kubernetes.
const { SHUTDOWN_TIMEOUT_MILLIS = '7000', READINESS_DELAY_MILLIS = '0' } = process.env;

const tracer = trace.getTracer('reports');
const ordersOfYear = new Map([
  ['2024', 1204],
  ['2025', 1511],
]);
let ready = true;

const server = createServer((request, response) => {
  answer(request, response).catch((error) => {
    reportError(error);
    send(response, 500, { error: 'internal error' });
  });
});

async function answer(request, response) {
  const [, resource, year] = request.url.split('/');
  if (resource === 'ready') return send(response, ready ? 200 : 503, { ready });
  if (resource === 'reports') return send(response, 200, await createReport(year));
  return send(response, 404, { error: 'not found' });
}

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

function send(response, status, body) {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

async function stop() {
  const report = await gracefulShutdown({
    servers: [server],
    onDraining: () => (ready = false),
    readinessDelayMillis: Number(READINESS_DELAY_MILLIS),
    timeoutMillis: Number(SHUTDOWN_TIMEOUT_MILLIS),
  });
  for (const error of report.errors) console.error(error);
  process.exit(report.ok ? 0 : 1);
}
process.once('SIGTERM', stop);
process.once('SIGINT', stop);

server.listen(Number(PORT), HOST, () => console.log(`listening on http://${HOST}:${server.address().port}`));

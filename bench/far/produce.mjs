// Creates spans like those of requests at a constant rate, in small slices: like a busy server, without the server's own cost.
import { readFileSync, writeSync } from 'node:fs';
import { SpanKind, trace } from '@opentelemetry/api';

const [perSecond = 10_000, seconds = 10] = process.argv.slice(2).map(Number);

/** Resolves with the number of spans created. `flush` is the SDK's function that exports everything. */
export async function produce(flush) {
  const total = perSecond * seconds;
  const tracer = trace.getTracer('bench');
  const startedAt = performance.now();
  let produced = 0;
  await new Promise((resolve) => {
    const timer = setInterval(() => {
      const due = Math.min(total, Math.floor(((performance.now() - startedAt) * perSecond) / 1000));
      while (produced < due) {
        makeSpan(tracer, produced);
        produced += 1;
      }
      if (produced === total) {
        clearInterval(timer);
        resolve();
      }
    }, 1);
  });
  const producedAt = performance.now();
  await flush();
  const { user, system } = process.cpuUsage();
  const report = {
    produced,
    producingMillis: producedAt - startedAt,
    flushMillis: performance.now() - producedAt,
    cpuMillis: (user + system) / 1000,
    peakRssKilobytes: Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))[1]),
  };
  writeSync(1, JSON.stringify(report));
}

function makeSpan(tracer, n) {
  const span = tracer.startSpan('GET /orders/:id', { kind: SpanKind.SERVER });
  span.setAttribute('http.request.method', 'GET');
  span.setAttribute('http.route', '/orders/:id');
  span.setAttribute('http.response.status_code', 200);
  span.setAttribute('url.path', `/orders/${n}`);
  span.setAttribute('url.scheme', 'http');
  span.setAttribute('server.address', 'localhost');
  span.setAttribute('client.address', '127.0.0.1');
  span.setAttribute('user_agent.original', 'bench/1.0');
  span.end();
}

// Throws an uncaught error while `spans` ended spans wait for the backend and one, the active one, is still open.
// Prints when it threw, in nanoseconds of CLOCK_MONOTONIC, which all processes of a machine share.
import { writeSync } from 'node:fs';
import { SpanKind, trace } from '@opentelemetry/api';

const spans = Number(process.argv[2]);
const tracer = trace.getTracer('bench');

function endOne(n) {
  const attributes = {
    'http.request.method': 'GET',
    'http.route': '/orders/:id',
    'http.response.status_code': 200,
    'url.path': `/orders/${n}`,
    'url.scheme': 'http',
    'server.address': 'localhost',
    'server.port': 8080,
    'client.address': '127.0.0.1',
    'client.port': 40_000 + n,
    'user_agent.original': 'bench/1.0',
    'network.protocol.version': '1.1',
    'network.peer.address': '127.0.0.1',
    'enduser.id': `customer-${n}`,
    'order.total': n / 100,
    'order.express': n % 2 === 0,
  };
  tracer.startSpan('GET /orders/:id', { kind: SpanKind.SERVER, attributes }).end();
}

tracer.startActiveSpan('shutting the shop', () => {
  // After the start, and all in one turn of the event loop: spans of an earlier turn might already be in a request.
  setTimeout(() => {
    for (let n = 0; n < spans; n += 1) endOne(n);
    writeSync(1, String(process.hrtime.bigint()));
    throw new Error('the bench failed');
  }, 50);
});

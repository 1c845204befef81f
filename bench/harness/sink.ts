// A backend in a process of its own, so that its work is not counted as the measured program's.
// `node sink.ts [latency in ms]`: prints its port, then answers every OTLP/HTTP request with 200 after the latency, any number at a time.
// GET /counts tells what arrived; DELETE /counts starts again from nothing.
import { createServer, type IncomingMessage } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { spanIdsOf } from './span-ids.ts';

const latencyMillis = Number(process.argv[2] ?? 0);
const seen = new Set<string>();
let requests = 0;
let bytes = 0;
let spans = 0;

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function receive(request: IncomingMessage): Promise<void> {
  const wire = await readBody(request);
  requests += 1;
  bytes += wire.length;
  if (request.url !== '/v1/traces') return;
  const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(wire) : wire;
  const ids = spanIdsOf(body, request.headers['content-type'] ?? '');
  spans += ids.length;
  for (const id of ids) seen.add(id);
}

const server = createServer((request, response) => {
  if (request.url === '/counts') {
    if (request.method === 'DELETE') {
      requests = bytes = spans = 0;
      seen.clear();
    }
    response.end(JSON.stringify({ requests, bytes, spans, distinctSpans: seen.size }));
    return;
  }
  const arrivedAt = performance.now();
  receive(request).then(
    () => {
      const json = request.headers['content-type']?.startsWith('application/json') === true;
      response.setHeader('content-type', json ? 'application/json' : 'application/x-protobuf');
      setTimeout(() => response.end(json ? '{}' : ''), Math.max(0, latencyMillis - (performance.now() - arrivedAt)));
    },
    (error: unknown) => {
      console.error(error);
      response.destroy();
    },
  );
});
// A client that keeps its connection must not meet a closing one: that is another bench.
server.keepAliveTimeout = 600_000;
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('expected a TCP address');
  console.log(address.port);
});

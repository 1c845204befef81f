// A backend in a process of its own, so that its work is not counted as the measured program's.
// `node sink.ts [latency in ms]`: prints its port, then answers every OTLP/HTTP request with 200 after the latency, any number at a time.
// GET /counts tells what arrived; DELETE /counts starts again from nothing.
import { createServer, type IncomingMessage } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { eventNamesOf } from './event-names.ts';
import { spanIdsOf } from './span-ids.ts';

const latencyMillis = Number(process.argv[2] ?? 0);
/** What is not decoded yet: a program that waits for the answer must not wait for this process to count, too. */
const MAX_PENDING_BYTES = 64 * 1024 * 1024;
const pending: { readonly path: string; readonly contentType: string; readonly encoding: string; wire: Buffer }[] = [];
let pendingBytes = 0;

const seen = new Set<string>();
let requests = 0;
let bytes = 0;
let spans = 0;
let exceptions = 0;

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function receive(request: IncomingMessage): Promise<void> {
  const wire = await readBody(request);
  requests += 1;
  bytes += wire.length;
  const { 'content-type': contentType = '', 'content-encoding': encoding = 'identity' } = request.headers;
  pending.push({ path: request.url ?? '', contentType, encoding, wire });
  pendingBytes += wire.length;
  if (pendingBytes > MAX_PENDING_BYTES) decodePending();
}

function decodePending(): void {
  for (const { path, contentType, encoding, wire } of pending.splice(0)) {
    const body = encoding === 'gzip' ? gunzipSync(wire) : wire;
    if (path === '/v1/traces') {
      const ids = spanIdsOf(body, contentType);
      spans += ids.length;
      for (const id of ids) seen.add(id);
    } else if (path === '/v1/logs') {
      exceptions += eventNamesOf(body, contentType).filter((name) => name === 'exception').length;
    }
  }
  pendingBytes = 0;
}

const server = createServer((request, response) => {
  if (request.url === '/counts') {
    decodePending();
    if (request.method === 'DELETE') {
      requests = bytes = spans = exceptions = 0;
      seen.clear();
    }
    response.end(JSON.stringify({ requests, bytes, spans, distinctSpans: seen.size, exceptions }));
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

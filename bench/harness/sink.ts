// A backend in a separate process, so that its work is not counted as the measured program's.
// `node sink.ts [latency in ms] [status]`: prints its port, then answers every OTLP/HTTP request with the status (default 200) after
// the latency, any number in parallel.
// GET /counts returns what arrived, GET /parents the ids of the spans' parents; DELETE /counts resets both.
import { createServer, type IncomingMessage } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { eventNamesOf } from './event-names.ts';
import { parentSpanIdsOf, spanIdsOf } from './span-ids.ts';

const latencyMillis = Number(process.argv[2] ?? 0);
const status = Number(process.argv[3] ?? 200);

interface Arrived {
  readonly path: string;
  readonly contentType: string;
  readonly encoding: string;
  readonly wire: Buffer;
  /** Set when it is decoded. */
  spans: number;
  /** Whether its 200 was handed to the operating system. */
  acknowledged: boolean;
}

/**
 * Bodies that are not decoded yet: decoding must not delay the response. As many as 60 000 spans a second make in half a minute: a
 * pause for decoding would make the measured program lose spans.
 */
const MAX_PENDING_BYTES = 1024 * 1024 * 1024;
const pending: Arrived[] = [];
let pendingBytes = 0;

const seen = new Set<string>();
const parents = new Set<string>();
let requests = 0;
let bytes = 0;
let spans = 0;
let acknowledgedSpans = 0;
let exceptions = 0;

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function receive(request: IncomingMessage): Promise<Arrived> {
  const wire = await readBody(request);
  requests += 1;
  bytes += wire.length;
  const { 'content-type': contentType = '', 'content-encoding': encoding = 'identity' } = request.headers;
  const arrived = { path: request.url ?? '', contentType, encoding, wire, spans: 0, acknowledged: false };
  pending.push(arrived);
  pendingBytes += wire.length;
  if (pendingBytes > MAX_PENDING_BYTES) decodePending();
  return arrived;
}

function acknowledge(arrived: Arrived): void {
  arrived.acknowledged = true;
  acknowledgedSpans += arrived.spans;
}

function decodePending(): void {
  for (const arrived of pending.splice(0)) {
    const { path, contentType, encoding, wire } = arrived;
    const body = encoding === 'gzip' ? gunzipSync(wire) : wire;
    if (path === '/v1/traces') {
      const ids = spanIdsOf(body, contentType);
      spans += ids.length;
      arrived.spans = ids.length;
      if (arrived.acknowledged) acknowledgedSpans += ids.length;
      for (const id of ids) seen.add(id);
      for (const id of parentSpanIdsOf(body, contentType)) parents.add(id);
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
      requests = bytes = spans = acknowledgedSpans = exceptions = 0;
      seen.clear();
      parents.clear();
    }
    response.end(JSON.stringify({ requests, bytes, spans, acknowledgedSpans, distinctSpans: seen.size, exceptions }));
    return;
  }
  if (request.url === '/parents') {
    decodePending();
    response.end(JSON.stringify([...parents]));
    return;
  }
  const arrivedAt = performance.now();
  receive(request).then(
    (arrived) => {
      response.statusCode = status;
      if (status === 200) response.once('finish', () => acknowledge(arrived));
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
// No keep-alive timeout: closing idle connections is not what these benches measure.
server.keepAliveTimeout = 600_000;
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('expected a TCP address');
  console.log(address.port);
});

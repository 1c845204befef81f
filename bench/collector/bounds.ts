import { Agent, request as httpRequest } from 'node:http';
import { gzipSync } from 'node:zlib';
import { fixed } from '../harness/table.ts';
import { swansongCollector } from './collectors.ts';
import { CONTENT_TYPES, type Encoding, MadeRequest } from './made-requests.ts';

const MIB = 1024 * 1024;
/** A span of a made request, as JSON and as protobuf. */
const SPAN_BYTES: Readonly<Record<Encoding, number>> = { json: 960, protobuf: 430 };

interface Offer {
  readonly name: string;
  readonly encoding: Encoding;
  readonly gzip: boolean;
  readonly connections: number;
  readonly perConnection: number;
  body(): Buffer;
}

const madeBody = (encoding: Encoding, bytes: number): Buffer =>
  new MadeRequest(encoding, Math.floor(bytes / SPAN_BYTES[encoding])).numbered(1);

const offers: readonly Offer[] = [
  {
    name: '64 connections, 512 spans, JSON',
    encoding: 'json',
    gzip: false,
    connections: 64,
    perConnection: 40,
    body: () => madeBody('json', 512 * 960),
  },
  {
    name: '32 connections, 8 MiB, JSON',
    encoding: 'json',
    gzip: false,
    connections: 32,
    perConnection: 6,
    body: () => madeBody('json', 8 * MIB),
  },
  {
    name: '16 connections, 60 MiB, JSON',
    encoding: 'json',
    gzip: false,
    connections: 16,
    perConnection: 3,
    body: () => madeBody('json', 60 * MIB),
  },
  {
    name: '16 connections, 60 MiB, protobuf',
    encoding: 'protobuf',
    gzip: false,
    connections: 16,
    perConnection: 3,
    body: () => madeBody('protobuf', 60 * MIB),
  },
  {
    name: '16 connections, 60 MiB of JSON, gzip',
    encoding: 'json',
    gzip: true,
    connections: 16,
    perConnection: 3,
    body: () => gzipSync(madeBody('json', 60 * MIB), { level: 1 }),
  },
  {
    name: '16 connections, a bomb of 1 GiB, gzip',
    encoding: 'protobuf',
    gzip: true,
    connections: 16,
    perConnection: 20,
    body: () => gzipSync(Buffer.alloc(1024 * MIB)),
  },
  {
    name: '16 connections, empty spans, 60 MiB, gzip',
    encoding: 'json',
    gzip: true,
    connections: 16,
    perConnection: 5,
    body: () => gzipSync(`{"resourceSpans":[{"scopeSpans":[{"spans":[{}${',{}'.repeat(20 * MIB)}]}]}]}`),
  },
  {
    name: '16 connections, empty resources, 60 MiB of protobuf, gzip',
    encoding: 'protobuf',
    gzip: true,
    connections: 16,
    perConnection: 5,
    body: () => gzipSync(Buffer.alloc(60 * MIB, Buffer.from([0x0a, 0]))),
  },
];

/** The memory of the collector under loads it cannot hold: those it refuses may come again. */
export async function measureBounds(): Promise<void> {
  console.log('\noffered: answers, peak RSS');
  for (const offer of offers) {
    const collector = await swansongCollector.start({ args: ['--max-total-size', '1GiB'] });
    try {
      const statuses = await send(offer, collector.url);
      const told = Object.entries(statuses).map(([status, count]) => `${status}: ${count}`);
      console.log(`${offer.name}: ${told.join(', ')}, ${fixed(collector.rssMegabytes().peak)} MB`);
    } finally {
      await collector.stop();
    }
  }
}

async function send(offer: Offer, url: string): Promise<Record<string, number>> {
  const body = offer.body();
  const agent = new Agent({ keepAlive: true });
  const statuses: Record<string, number> = {};
  const headers = {
    'content-type': CONTENT_TYPES[offer.encoding],
    'content-length': body.length,
    ...(offer.gzip && { 'content-encoding': 'gzip' }),
  };
  const post = (): Promise<string> =>
    new Promise((resolve) => {
      const request = httpRequest(`${url}/v1/traces`, { agent, method: 'POST', headers }, (response) => {
        response.resume().on('end', () => resolve(String(response.statusCode)));
      });
      request.on('error', (error) => resolve('code' in error ? String(error.code) : error.message)).end(body);
    });
  await Promise.all(
    Array.from({ length: offer.connections }, async () => {
      for (let sent = 0; sent < offer.perConnection; sent += 1) {
        const status = await post();
        statuses[status] = (statuses[status] ?? 0) + 1;
      }
    }),
  );
  agent.destroy();
  return statuses;
}

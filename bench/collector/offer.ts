// Sends load to a collector, in a separate process so that its CPU time is not counted as the collector's.
// `node offer.ts URL json|protobuf CONNECTIONS MILLIS SPANS FIRST_NUMBER`: every connection sends the next request as soon as the
// last one is answered. Prints a line when the first is acknowledged, and at the end the results as JSON. Ends early, without
// failing, when the collector ends.
import { Agent, request as httpRequest } from 'node:http';
import { CONTENT_TYPES, type Encoding, MadeRequest } from './made-requests.ts';
import { FIRST_ACKNOWLEDGED } from './start-offer.ts';

const [url = '', encodingArgument, connections, millis, spans, firstNumber] = process.argv.slice(2);
const encoding: Encoding = encodingArgument === 'protobuf' ? 'protobuf' : 'json';
const made = new MadeRequest(encoding, Number(spans));
const agent = new Agent({ keepAlive: true });
const latencies: number[] = [];
const acknowledged: number[] = [];
const statuses: Record<string, number> = {};
let next = Number(firstNumber);

function post(body: Buffer): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': CONTENT_TYPES[encoding], 'content-length': body.length };
    const request = httpRequest(url, { agent, method: 'POST', headers }, (response) => {
      response.resume();
      response.on('error', reject).on('end', () => resolve(response.statusCode ?? 0));
    });
    request.on('error', reject).end(body);
  });
}

async function sendUntil(end: number): Promise<void> {
  while (performance.now() < end) {
    const number = next;
    next += 1;
    const startedAt = performance.now();
    let status: number;
    try {
      status = await post(made.numbered(number));
    } catch {
      statuses['none'] = (statuses['none'] ?? 0) + 1;
      return;
    }
    statuses[status] = (statuses[status] ?? 0) + 1;
    if (status === 200 && acknowledged.push(number) === 1) console.log(FIRST_ACKNOWLEDGED);
    latencies.push(performance.now() - startedAt);
  }
}

const startedAt = performance.now();
await Promise.all(Array.from({ length: Number(connections) }, () => sendUntil(startedAt + Number(millis))));
const elapsedMillis = performance.now() - startedAt;
agent.destroy();
process.stdout.write(JSON.stringify({ elapsedMillis, statuses, latencies, acknowledged, bytes: made.bytes }));

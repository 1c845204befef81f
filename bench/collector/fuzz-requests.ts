import { Agent, request as httpRequest } from 'node:http';
import { CONTENT_TYPES, createRandom } from './made-requests.ts';
import { type Mutated, mutated } from './mutate.ts';

const AT_ONCE = 8;

export interface FuzzReport {
  /** Number of responses by status, and of ended connections by error code. */
  readonly statuses: Readonly<Record<string, number>>;
}

/** Sends mutated requests; the same ones for the same seed. */
export async function fuzzRequests(
  url: string,
  count: number,
  seed: number,
  onRequest: (sent: number) => void = () => {},
): Promise<FuzzReport> {
  const random = createRandom(seed);
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  const statuses: Record<string, number> = {};
  let sent = 0;
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (sent < count) {
        sent += 1;
        onRequest(sent);
        const status = await post(url, agent, mutated(random));
        statuses[status] = (statuses[status] ?? 0) + 1;
      }
    }),
  );
  agent.destroy();
  return { statuses };
}

function post(url: string, agent: Agent, { path, encoding, gzip, body }: Mutated): Promise<string> {
  const headers = {
    'content-type': CONTENT_TYPES[encoding],
    'content-length': body.length,
    ...(gzip && { 'content-encoding': 'gzip' }),
  };
  return new Promise((resolve) => {
    const request = httpRequest(`${url}${path}`, { agent, method: 'POST', headers }, (response) => {
      response.resume().on('end', () => resolve(String(response.statusCode)));
    });
    request.on('error', (error) => resolve('code' in error ? String(error.code) : error.message)).end(body);
  });
}

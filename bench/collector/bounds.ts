import { Agent, request as httpRequest } from 'node:http';
import { fixed } from '../harness/table.ts';
import { swansongCollector } from './collectors.ts';
import { type OfferedLoad, offeredLoads } from './offered-loads.ts';

/** The limit that docs/collector.md promises for the default settings. */
const MOST_MEGABYTES = 300;

/** The collector's memory under loads that it cannot hold; refused requests are sent again. */
export async function measureBounds(): Promise<void> {
  console.log('\noffered: answers, peak RSS');
  let highest = 0;
  for (const load of offeredLoads) {
    const collector = await swansongCollector.start({ args: ['--max-total-size', '1GiB'] });
    try {
      const statuses = await send(load, collector.url);
      const counts = Object.entries(statuses).map(([status, count]) => `${status}: ${count}`);
      const { peak } = collector.rssMegabytes();
      highest = Math.max(highest, peak);
      console.log(`${load.name}: ${counts.join(', ')}, ${fixed(peak)} MB`);
    } finally {
      await collector.stop();
    }
  }
  console.log(`at most ${fixed(highest)} MB`);
  if (highest > MOST_MEGABYTES) {
    console.log(`expected at most ${MOST_MEGABYTES} MB`);
    process.exitCode = 1;
  }
}

async function send({ make, connections, perConnection }: OfferedLoad, url: string): Promise<Record<string, number>> {
  const requests = make();
  const agent = new Agent({ keepAlive: true });
  const statuses: Record<string, number> = {};
  const post = ({ path, headers, body }: (typeof requests)[number]): Promise<string> =>
    new Promise((resolve) => {
      const options = { agent, method: 'POST', headers: { ...headers, 'content-length': body.length } };
      const request = httpRequest(`${url}${path}`, options, (response) => {
        response.resume().on('end', () => resolve(String(response.statusCode)));
      });
      request.on('error', (error) => resolve('code' in error ? String(error.code) : error.message)).end(body);
    });
  await Promise.all(
    Array.from({ length: connections }, async (_, connection) => {
      for (let sent = 0; sent < perConnection; sent += 1) {
        const offered = requests[(connection + sent) % requests.length];
        if (offered === undefined) throw new Error('a load without requests');
        const status = await post(offered);
        statuses[status] = (statuses[status] ?? 0) + 1;
      }
    }),
  );
  agent.destroy();
  return statuses;
}

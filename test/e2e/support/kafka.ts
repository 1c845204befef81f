import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../support/free-port.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { waitFor } from '../../support/wait-for.ts';
import { whenTestEnds } from '../../support/when-test-ends.ts';
import { listens } from './listens.ts';

const SCRIPT = fileURLToPath(new URL('../../../scripts/kafka.sh', import.meta.url));
const START_MILLIS = 60_000;

/** Starts a Kafka broker of its own, which is gone when the test ends. @returns its address */
export async function startKafka(): Promise<string> {
  const jars = execFileSync(SCRIPT, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
    .trim()
    .split('\n')
    .at(-1);
  const folder = await temporaryFolder();
  const [port, controllerPort] = [await freePort(), await freePort()];
  const properties = join(folder, 'server.properties');
  writeFileSync(
    properties,
    `process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:${controllerPort}
listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}
controller.listener.names=CONTROLLER
log.dirs=${join(folder, 'data')}
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
group.initial.rebalance.delay.ms=0
`,
  );
  const java = ['-Xmx384m', '-cp', `${jars}/*`];
  execFileSync(
    'java',
    [...java, 'kafka.tools.StorageTool', 'format', '-t', 'c3dhbnNvbmctdGVzdHMtMQ', '-c', properties],
    {
      stdio: 'ignore',
    },
  );
  const child = spawn('java', [...java, 'kafka.Kafka', properties], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
  const ended = once(child, 'close');
  whenTestEnds(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  await waitFor(() => listens(port), 'the Kafka broker', {
    boundMillis: START_MILLIS,
    everyMillis: 100,
    describe: () => output,
  });
  return `127.0.0.1:${port}`;
}

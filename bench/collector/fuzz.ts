import { fixed } from '../harness/table.ts';
import { swansongCollector } from './collectors.ts';
import { fuzzRequests } from './fuzz-requests.ts';

const REQUESTS = 100_000;
const SEED = 20_260_731;

/** The answer to a gzip body whose changed trailer declares a size above the limit is 413. */
const EXPECTED: readonly string[] = ['200', '400', '413'];

/** 100 000 mutated requests: never a crash, never a 500, memory flat. `--rounds N`: with N seeds. */
export async function fuzz(rounds = 1): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    const collector = await swansongCollector.start({ args: ['--rotate-size', '16MiB', '--max-total-size', '96MiB'] });
    const megabytes: string[] = [];
    try {
      const { statuses } = await fuzzRequests(collector.url, REQUESTS, SEED + round, (sent) => {
        if (sent % 20_000 === 0) megabytes.push(fixed(collector.rssMegabytes().now));
      });
      console.log(`seed ${SEED + round}: ${JSON.stringify(statuses)}; RSS at every 20 000: ${megabytes.join(', ')} MB`);
      const unexpected = Object.keys(statuses).filter((status) => !EXPECTED.includes(status));
      if (unexpected.length > 0) {
        console.log(`expected only ${EXPECTED.join(', ')} (got ${unexpected.join(', ')})`);
        process.exitCode = 1;
      }
    } finally {
      await collector.stop();
    }
  }
}

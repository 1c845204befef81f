import { onTestFinished } from 'vitest';
import { type Collector, type CollectorOptions, startCollector } from '../../../../src/collector.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

interface Started extends Collector {
  readonly reported: readonly string[];
}

/** A collector on a free port, with a folder of its own, until the test ends. */
export async function start(options: CollectorOptions = {}): Promise<Started> {
  const reported: string[] = [];
  const collector = await startCollector({
    port: 0,
    directory: await temporaryFolder(),
    report: (line) => reported.push(line),
    ...options,
  });
  onTestFinished(async () => void (await collector.close()));
  return { ...collector, reported };
}

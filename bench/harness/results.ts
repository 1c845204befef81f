import { mkdir, writeFile } from 'node:fs/promises';
import { arch, cpus, platform, release } from 'node:os';
import { join, relative } from 'node:path';
import { benchFolder, projectFolder } from './paths.ts';

/** Writes the figures of one bench, every single sample included, to `bench/results/<bench>.json`. */
export async function writeResults(bench: string, figures: object): Promise<void> {
  const folder = join(benchFolder, 'results');
  const file = join(folder, `${bench}.json`);
  const machine = {
    node: process.version,
    platform: `${platform()} ${release()} ${arch()}`,
    cpu: cpus()[0]?.model ?? 'unknown',
    // Of the machine: a bench may have bound itself to one of them.
    cores: cpus().length,
  };
  await mkdir(folder, { recursive: true });
  await writeFile(
    file,
    `${JSON.stringify({ bench, measuredAt: new Date().toISOString(), machine, ...figures }, null, 2)}\n`,
  );
  console.log(`\nEvery sample: ${relative(projectFolder, file)}`);
}

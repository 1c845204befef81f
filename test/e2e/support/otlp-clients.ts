import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** A program that sends telemetry with the OpenTelemetry SDK of another language. */
export interface OtlpClient {
  readonly command: string;
  readonly args: readonly string[];
}

const run = promisify(execFile);
const sources = fileURLToPath(new URL('../clients', import.meta.url));

/** In an environment of its own, with the versions of requirements.txt. @throws when it cannot be installed */
export async function pythonClient(): Promise<OtlpClient> {
  const requirements = join(sources, 'python/requirements.txt');
  const folder = await made('client-python', [requirements], async (work) => {
    await run('python3', ['-m', 'venv', work]);
    const quiet = ['--quiet', '--disable-pip-version-check', '--no-input'];
    await run(join(work, 'bin/python'), ['-m', 'pip', 'install', ...quiet, '--no-deps', '--requirement', requirements]);
  });
  return { command: join(folder, 'bin/python'), args: [join(sources, 'python/send.py')] };
}

/** Built from its source, with the versions of go.mod. @throws when it cannot be built */
export async function goClient(): Promise<OtlpClient> {
  const folder = join(sources, 'go');
  const files = ['main.go', 'go.mod', 'go.sum'].map((name) => join(folder, name));
  const built = await made('client-go', files, async (work) => {
    // Go's own installation folder is often not on the PATH of a script; see scripts/otelcol.sh.
    const PATH = `${process.env['PATH'] ?? ''}:/usr/local/go/bin`;
    const env = { ...process.env, PATH, CGO_ENABLED: '0' };
    await run('go', ['build', '-p=2', '-o', join(work, 'send'), '.'], { cwd: folder, env });
  });
  return { command: join(built, 'send'), args: [] };
}

/**
 * A folder that is kept in ${XDG_CACHE_HOME:-~/.cache}/swansong and made again only when one of the files changes. Two that make it at a
 * time do no harm: each has a folder of its own, and the rename is atomic.
 */
async function made(name: string, files: readonly string[], make: (work: string) => Promise<void>): Promise<string> {
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'swansong');
  const hash = createHash('sha256');
  for (const file of files) hash.update(readFileSync(file));
  const folder = join(cache, `${name}-${hash.digest('hex').slice(0, 12)}`);
  if (existsSync(folder)) return folder;
  await mkdir(cache, { recursive: true });
  const work = await mkdtemp(join(cache, `${name}-`));
  try {
    await make(work);
    await rename(work, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return folder;
}

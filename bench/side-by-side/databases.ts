import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { listens } from '../../test/e2e/support/listens.ts';
import { freePort } from '../../test/support/free-port.ts';
import { projectFolder } from '../harness/paths.ts';

/** Where PostgreSQL, MariaDB and Redis listen on 127.0.0.1. */
export interface Ports {
  readonly postgresql: number;
  readonly mariadb: number;
  readonly redis: number;
}

const START_MILLIS = 180_000;

/** Runs the function with servers of its own, which are gone afterwards. */
export async function withDatabases<Result>(use: (ports: Ports) => Promise<Result>): Promise<Result> {
  const folders = [await folder(), await folder()] as const;
  const ports = { postgresql: await freePort(), mariadb: await freePort(), redis: await freePort() };
  const servers = [
    server('postgresql.sh', ports.postgresql, folders[0]),
    server('mariadb.sh', ports.mariadb, folders[1]),
    server('redis.sh', ports.redis),
  ];
  const ended = servers.map((one) => once(one, 'exit'));
  const kill = (): void => servers.forEach((one) => void one.kill('SIGKILL'));
  process.once('exit', kill);
  try {
    await Promise.all(Object.values(ports).map(untilListening));
    return await use(ports);
  } finally {
    kill();
    process.removeListener('exit', kill);
    await Promise.all(ended);
    await Promise.all(folders.map((path) => rm(path, { recursive: true, force: true })));
  }
}

const folder = (): Promise<string> => mkdtemp(join(tmpdir(), 'swansong-side-by-side-'));

function server(script: string, port: number, ...rest: readonly string[]): ChildProcess {
  return spawn(join(projectFolder, 'scripts', script), [String(port), ...rest], { stdio: 'ignore' });
}

async function untilListening(port: number): Promise<void> {
  const until = performance.now() + START_MILLIS;
  while (!(await listens(port))) {
    if (performance.now() > until) throw new Error(`nothing listens on port ${port} of 127.0.0.1`);
    await delay(100);
  }
}

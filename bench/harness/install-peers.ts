import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { benchFolder } from './paths.ts';

/**
 * `nodesdk` and `auto` are installed apart: auto-instrumentations-node 0.82.0 asks for the 0.300 line, and in
 * one folder npm would nest a second copy of half the SDK, unlike in an application that uses one of them.
 */
export type Peer = 'nodesdk' | 'auto';

export function peerFolder(peer: Peer): string {
  return join(benchFolder, peer);
}

/** Installs the pinned packages to compare with from their lockfiles, once. */
export function installPeers(peers: readonly Peer[]): void {
  for (const peer of peers) installFolder(peer);
}

/** The same for any folder below `bench/`. */
export function installFolder(path: string): void {
  const folder = join(benchFolder, path);
  if (existsSync(join(folder, 'node_modules', '.package-lock.json'))) return;
  console.log(`Installing bench/${path} …`);
  const { status, error } = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) throw new Error(`npm ci in bench/${path} failed (exit code ${status})`, { cause: error });
}

import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

/** Where `taskset` (util-linux) is, the server gets the first core, everything else the second. */
export const isPinned: boolean =
  availableParallelism() > 1 &&
  spawnSync('taskset', ['-cp', '1', String(process.pid)], { stdio: 'ignore' }).status === 0;

/** A command for the core of the server. */
export function onServerCore(command: string, parameters: readonly string[]): [string, string[]] {
  return isPinned ? ['taskset', ['-c', '0', command, ...parameters]] : [command, [...parameters]];
}

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectFolder } from '../harness/paths.ts';

export interface Revision {
  readonly registerFile: string;
  remove(): void;
}

/** Builds another commit of ours with the packages that are installed here. @throws Error for one that git does not know */
export function buildRevision(revision: string): Revision {
  const parent = mkdtempSync(join(tmpdir(), 'bench-revision-'));
  const folder = join(parent, 'swansong');
  const git = (...parameters: readonly string[]): Buffer =>
    execFileSync('git', parameters, { cwd: projectFolder, stdio: ['ignore', 'pipe', 'inherit'] });
  const remove = (): void => {
    rmSync(parent, { recursive: true, force: true });
    git('worktree', 'prune');
  };
  try {
    git('worktree', 'add', '--detach', folder, revision);
    symlinkSync(join(projectFolder, 'node_modules'), join(folder, 'node_modules'));
    execFileSync('npm', ['run', '--silent', 'build'], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
  } catch (error) {
    remove();
    throw new Error(`--against ${revision}: it could not be built`, { cause: error });
  }
  return { registerFile: join(folder, 'dist/register.cjs'), remove };
}

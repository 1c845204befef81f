import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ALL_SDK_VERSIONS, ownNodeSdkFolder, repository } from './own-node-sdk.ts';

/**
 * Before all tests: the SDK versions of test/fixtures/own-nodesdk, installed once by their lockfiles, with a copy of the package as
 * `npm install swansong` would have it. A link would not do: Node would look for `@opentelemetry/api` beside this repository.
 */
export function setup(): void {
  for (const version of ALL_SDK_VERSIONS) {
    const folder = ownNodeSdkFolder(version);
    const modules = join(folder, 'node_modules');
    if (!existsSync(join(modules, '.package-lock.json'))) {
      console.log(`Installing ${folder} …`);
      const { status, error } = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
        cwd: folder,
        stdio: ['ignore', 'ignore', 'inherit'],
        shell: process.platform === 'win32',
      });
      // The tests of that version fail for it, and say so; those that need none of this go on.
      if (status !== 0) console.error(`npm ci in ${folder} failed (exit code ${status}) ${String(error ?? '')}`);
    }
    const installed = join(modules, 'swansong');
    rmSync(installed, { recursive: true, force: true });
    for (const part of ['package.json', 'dist']) {
      const source = join(repository, part);
      if (existsSync(source)) cpSync(source, join(installed, part), { recursive: true });
    }
    const programs = join(folder, 'programs');
    rmSync(programs, { recursive: true, force: true });
    cpSync(join(folder, '../programs'), programs, { recursive: true });
    cpSync(join(repository, 'examples/own-nodesdk'), join(programs, 'example'), { recursive: true });
  }
}

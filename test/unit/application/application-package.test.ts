import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { findApplicationPackage } from '../../../src/application/application-package.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

/** Writes files, given by path; a package.json by the name in it. `link:` paths are symbolic links. @returns the folder */
async function tree(files: Readonly<Record<string, string>>): Promise<string> {
  const root = await temporaryFolder();
  for (const [path, content] of Object.entries(files)) {
    const file = join(root, path.replace('link:', ''));
    mkdirSync(dirname(file), { recursive: true });
    if (path.startsWith('link:')) symlinkSync(content, file);
    else if (path.endsWith('package.json')) writeFileSync(file, JSON.stringify({ name: content, version: '1.0.0' }));
    else writeFileSync(file, content);
  }
  return root;
}

function workIn(folder: string): void {
  const before = process.cwd();
  process.chdir(folder);
  onTestFinished(() => process.chdir(before));
}

describe('the package of the application', () => {
  it.each([
    ['of a file', 'app/src/server.js'],
    ['of a file without its extension', 'app/src/server'],
    ['of a folder (node .)', 'app'],
    ['of a folder within', 'app/src'],
    ['of a link from elsewhere', 'bin/shop'],
  ])('%s is that around it', async (_title, program) => {
    const root = await tree({
      'package.json': 'around',
      'app/package.json': 'shop',
      'app/src/server.js': '',
      'link:bin/shop': '../app/src/server.js',
    });
    workIn(root);
    const { name, folder } = findApplicationPackage(join(root, program));
    expect(name).toBe('shop');
    expect(folder?.startsWith(join(root, 'app'))).toBe(true);
  });

  describe('of a program that is installed', () => {
    const files = {
      'shop/package.json': 'shop',
      'shop/node_modules/next/package.json': 'next',
      'shop/node_modules/next/dist/bin/next': '',
      'link:shop/node_modules/.bin/next': '../next/dist/bin/next',
      'shop/node_modules/.pnpm/vitest@5/node_modules/vitest/package.json': 'vitest',
      'shop/node_modules/.pnpm/vitest@5/node_modules/vitest/dist/worker.js': '',
      'shop/packages/web/package.json': 'web',
      'shop/packages/web/src/page.js': '',
      'global/lib/node_modules/ts-node/package.json': 'ts-node',
      'global/lib/node_modules/ts-node/dist/bin.js': '',
      'link:global/bin/ts-node': '../lib/node_modules/ts-node/dist/bin.js',
      'npx/package.json': '',
      'npx/node_modules/serve/package.json': 'serve',
      'npx/node_modules/serve/build/main.js': '',
      'other/package.json': 'other',
      'empty/file': '',
    };

    it.each([
      ['by its path, in the project', 'shop', 'shop/node_modules/next/dist/bin/next', 'shop', 'shop'],
      ['by its link, in the project', 'shop', 'shop/node_modules/.bin/next', 'shop', 'shop'],
      ['in a folder of the project', 'shop/packages', 'shop/node_modules/.bin/next', 'shop', 'shop/packages'],
      ['in a workspace', 'shop/packages/web/src', 'shop/node_modules/.bin/next', 'web', 'shop/packages/web/src'],
      ['from another project', 'other', 'shop/node_modules/.bin/next', 'shop', 'shop'],
      ['from a folder without a package', 'empty', 'shop/node_modules/.bin/next', 'shop', 'shop'],
      [
        'deep in a store',
        'shop',
        'shop/node_modules/.pnpm/vitest@5/node_modules/vitest/dist/worker.js',
        'shop',
        'shop',
      ],
      ['for all', 'shop/packages/web', 'global/bin/ts-node', 'web', 'shop/packages/web'],
      ['for all, and run on its own', 'empty', 'global/bin/ts-node', 'ts-node', 'global/lib/node_modules/ts-node/dist'],
      ['by npx', 'shop', 'npx/node_modules/serve/build/main.js', 'shop', 'shop'],
    ])('%s', async (_title, working, program, name, folder) => {
      const root = await tree(files);
      workIn(join(root, working));
      expect(findApplicationPackage(join(root, program))).toEqual({
        name,
        version: '1.0.0',
        folder: join(root, folder),
      });
    });
  });

  it.each([undefined, ''])('of no program (%j) is none', (program) => {
    expect(findApplicationPackage(program)).toEqual({ folder: undefined, name: undefined, version: undefined });
  });
});

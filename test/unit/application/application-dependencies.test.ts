import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { dependsOn } from '../../../src/application/application-dependencies.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

it.each<[string, boolean]>([
  ['{"dependencies":{"ai":"^7"}}', true],
  ['{"optionalDependencies":{"ai":"^7"}}', true],
  ['{"devDependencies":{"ai":"^7"}}', false],
  ['{"dependencies":{"other":"1"}}', false],
  ['{"dependencies":["ai"]}', false],
  ['no JSON', false],
])('%s', async (manifest, expected) => {
  const folder = await temporaryFolder();
  writeFileSync(join(folder, 'package.json'), manifest);
  expect(dependsOn('ai', join(folder, 'program.js'))).toBe(expected);
});

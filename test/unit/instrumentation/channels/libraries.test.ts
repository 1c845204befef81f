import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { withLibrariesTable } from '../../../../scripts/libraries-table.ts';
import { findInstalledVersion } from '../../../../src/application/installed-version.ts';
import { BUILT_IN_INSTRUMENTATIONS } from '../../../../src/config/built-in-instrumentations.ts';
import { LIBRARIES } from '../../../../src/instrumentation/channels/libraries.ts';
import { FRAMEWORKS } from '../../../../src/instrumentation/routes/frameworks.ts';

const root = join(import.meta.dirname, '../../../..');

it('the documentation has the table of the libraries that the code records', () => {
  const document = readFileSync(join(root, 'docs/instrumentation.md'), 'utf8');
  expect(document).toBe(withLibrariesTable(document));
});

it('each library has a name of its own', () => {
  const names = [...FRAMEWORKS, ...LIBRARIES].map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(BUILT_IN_INSTRUMENTATIONS).toEqual(expect.arrayContaining(names));
});

describe.each([...FRAMEWORKS, ...LIBRARIES])('$packageName', ({ packageName, versions }) => {
  it('is tested in a version that is said to be recorded', () => {
    const installed = packageName.startsWith('node:')
      ? newestNode()
      : findInstalledVersion(packageName, join(root, 'program.js'));
    expect({ packageName, installed, versions, isRecorded: isIn(installed, versions) }).toMatchObject({
      isRecorded: true,
    });
  });
});

/** The last of the versions that all process tests run on. */
function newestNode(): string | undefined {
  return /^for major in .* (\d+); do$/m.exec(readFileSync(join(root, '.ci/run'), 'utf8'))?.[1];
}

/** @param range `>=1.2.3` or `>=1.2.3 <4` */
function isIn(version: string | undefined, range: string): boolean {
  if (version === undefined) return false;
  return range.split(' ').every((bound) => {
    const [, operator, limit = ''] = /^(>=|<)([\d.]+)$/.exec(bound) ?? [];
    const order = version.localeCompare(limit, undefined, { numeric: true });
    return (operator === '>=' && order >= 0) || (operator === '<' && order < 0);
  });
}

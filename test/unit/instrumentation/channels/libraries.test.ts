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
    const installed = testedVersion(packageName);
    expect({ packageName, installed, versions, isRecorded: isIn(installed, versions) }).toMatchObject({
      isRecorded: true,
    });
  });
});

function testedVersion(packageName: string): string | undefined {
  const found = (file: string, pattern: RegExp): string | undefined =>
    pattern.exec(readFileSync(join(root, file), 'utf8'))?.[1];
  // The last of the versions that all process tests run on.
  if (packageName.startsWith('node:')) return found('.ci/run', /^for major in .* (\d+); do$/m);
  // Too large for a development dependency.
  if (packageName === 'next') return found('scripts/next.sh', /^version=(.*)$/m);
  return findInstalledVersion(packageName, join(root, 'program.js'));
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

import { expect, it } from 'vitest';
import { findInstalledVersion } from '../../../src/application/installed-version.ts';
import { isNewer } from '../../../src/sdk/newer-api.ts';

it.each([
  ['1.11.0', '1.10.0', true],
  ['1.11.0-rc.1', '1.10.0', true],
  ['2.0.0', '1.10.0', true],
  ['1.10.1', '1.10.0', false],
  ['1.9.1', '1.10.0', false],
  ['0.99.0', '1.10.0', false],
  ['workspace', '1.10.0', false],
])('API %s beside %s: newer is %s', (version, than, newer) => {
  expect(isNewer(version, than)).toBe(newer);
});

it('finds a version without the package exporting its package.json, and nothing where there is no package', () => {
  expect(findInstalledVersion('@opentelemetry/api', import.meta.filename)).toMatch(/^1\.\d+\.\d+$/);
  expect(findInstalledVersion('@opentelemetry/api', '/program.js')).toBeUndefined();
  expect(findInstalledVersion('swansong-is-nowhere', import.meta.filename)).toBeUndefined();
});

import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { installedProgram } from './support/installed-program.ts';

it('promtool is there', () => {
  const promtool = installedProgram('promtool', 'apt-get install prometheus');
  expect(execFileSync(promtool, ['--version'], { encoding: 'utf8' })).toMatch(/^promtool, version /);
});

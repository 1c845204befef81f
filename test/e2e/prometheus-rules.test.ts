import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { installedProgram } from './support/installed-program.ts';

const FOLDER = fileURLToPath(new URL('../../collector-config/prometheus', import.meta.url));

/** @throws with what promtool says when it finds a fault */
function promtool(...args: readonly string[]): string {
  const program = installedProgram('promtool', 'apt-get install --no-install-recommends prometheus');
  return execFileSync(program, args, { encoding: 'utf8', cwd: FOLDER, stdio: ['ignore', 'pipe', 'pipe'] });
}

it("Prometheus' configuration is valid", () => {
  expect(promtool('check', 'config', 'prometheus.yaml')).toContain('prometheus.yaml is valid');
});

it('the alert rules are valid', () => {
  expect(promtool('check', 'rules', 'rules.yaml')).toContain('SUCCESS: 8 rules found');
});

it('every alert fires on the recorded series that it is for, and on no other', () => {
  expect(promtool('test', 'rules', 'rules.test.yaml')).toContain('SUCCESS');
});

import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assert, describe, expect, onTestFinished, test } from 'vitest';
import { sourceOf, variablesTable, withVariablesTable } from '../../../scripts/variables-table.ts';
import { rows } from '../../../src/config/variables.ts';

const root = join(import.meta.dirname, '../../..');
const script = join(root, 'scripts/variables-table.ts');
const empty = '# Title\n\n<!-- variables:start -->\n<!-- variables:end -->\n\nThe end.\n';

function isCurrent(readme: string): boolean {
  return readme.includes(`<!-- variables:start -->\n\n${variablesTable()}\n\n<!-- variables:end -->`);
}

test('README has the table of the variables that the code reads', () => {
  const file = join(root, 'README.md');
  assert(
    isCurrent(existsSync(file) ? readFileSync(file, 'utf8') : ''),
    "README.md's table of variables is missing or differs from src/config/variables.ts. " +
      'Run `node scripts/variables-table.ts --write README.md` (README.md needs the lines ' +
      '`<!-- variables:start -->` and `<!-- variables:end -->`).',
  );
});

test('the command brings a README up to date, and an edit by hand shows', () => {
  expect(isCurrent(empty)).toBe(false);
  expect(isCurrent(withVariablesTable(empty))).toBe(true);
  expect(isCurrent(withVariablesTable(empty).replace('`2048`', '`4096`'))).toBe(false);
});

describe('the generated table', () => {
  test.each(Object.entries(rows))('has one row for %s', (name, row) => {
    const lines = variablesTable()
      .split('\n')
      .filter((line) => line.startsWith(`| \`${name}\` `));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(row.description);
    expect(lines[0]?.includes('Never printed.')).toBe(row.secret === true);
    expect(lines[0]?.split(' | ')).toHaveLength(4);
  });

  test('groups variables by who defined them', () => {
    expect(sourceOf('OTEL_BSP_SCHEDULE_DELAY')).toBe('OpenTelemetry');
    expect(sourceOf('OTEL_NODE_RESOURCE_DETECTORS')).toBe('OpenTelemetry JS');
    expect(sourceOf('SWANSONG_SHUTDOWN_TIMEOUT')).toBe('swansong');
    const heading = variablesTable().indexOf('### Variables of swansong');
    expect(variablesTable().indexOf('| `SWANSONG_SHUTDOWN_TIMEOUT` ')).toBeGreaterThan(heading);
  });

  test('replaces only what is between the markers, and the same way twice', () => {
    const once = withVariablesTable(empty);
    expect(once).toContain(variablesTable());
    expect(once.startsWith('# Title\n\n<!-- variables:start -->\n')).toBe(true);
    expect(once.endsWith('\n<!-- variables:end -->\n\nThe end.\n')).toBe(true);
    expect(withVariablesTable(once)).toBe(once);
    expect(withVariablesTable(once.replace('`SWANSONG_SHUTDOWN_TIMEOUT`', 'stale'))).toBe(once);
  });

  test.each(['no markers', '<!-- variables:end --> <!-- variables:start -->', '<!-- variables:start -->'])(
    'refuses a text with "%s"',
    (text) => {
      expect(() => withVariablesTable(text)).toThrow(
        'expected <!-- variables:start --> and then <!-- variables:end -->',
      );
    },
  );
});

describe('the command', () => {
  test('prints without an option', () => {
    expect(execFileSync(process.execPath, [script], { encoding: 'utf8' }).trimEnd()).toBe(variablesTable());
  });

  test('writes the file it is given', () => {
    const folder = mkdtempSync(join(tmpdir(), 'variables-table-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 'README.md');
    writeFileSync(file, empty);
    const run = () => execFileSync(process.execPath, [script, '--write', file], { encoding: 'utf8' });
    expect(run()).toContain('written');
    expect(readFileSync(file, 'utf8')).toBe(withVariablesTable(empty));
    expect(run()).toContain('up to date');
  });

  test('refuses anything else', () => {
    const run = () => execFileSync(process.execPath, [script, '--wirte', 'README.md'], { stdio: 'pipe' });
    expect(run).toThrow('Usage: node scripts/variables-table.ts [--write FILE]');
  });
});

import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';

const root = join(import.meta.dirname, '../..');
const oxlint = join(root, 'node_modules/.bin/oxlint');
/** Of oxlint's answer as JSON, for a tree in which every file imports every other. */
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

export interface LintResult {
  readonly failed: boolean;
  readonly output: string;
}

/** Lints a tree of planted files, by their path in it, with the project's own rules. */
export function lint(files: ReadonlyMap<string, string>, options: readonly string[] = []): Promise<LintResult> {
  const directory = mkdtempSync(join(tmpdir(), 'swansong-lint-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  cpSync(join(root, '.oxlintrc.json'), join(directory, '.oxlintrc.json'));
  for (const [path, source] of files) {
    const file = join(directory, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, source);
  }
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [oxlint, ...options, 'src'],
      { cwd: directory, maxBuffer: MAX_OUTPUT_BYTES },
      (error, stdout) => resolve({ failed: error !== null, output: stdout }),
    );
  });
}

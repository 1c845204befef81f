import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface KeptFolder {
  readonly path: string;
  remove(): void;
}

/** A folder for several tests: `remove()` it after the last of them. */
export function keptFolder(): KeptFolder {
  const path = mkdtempSync(join(tmpdir(), 'swansong-e2e-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

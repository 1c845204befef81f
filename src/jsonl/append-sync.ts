import {
  closeSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readdirSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { type JsonlOptions, resolveLimits } from './jsonl-options.ts';
import {
  bornAt,
  type FileLimits,
  filesToRemove,
  isMissing,
  mustRotate,
  nextStamp,
  oldestFirst,
  type RotatedFile,
  rotatedPath,
  stampOf,
  tooLong,
} from './rotation.ts';
import { cutTornLineSync } from './torn-line.ts';

export type AppendSyncOptions = Pick<JsonlOptions, 'path' | 'rotateBytes' | 'rotateMillis' | 'maxTotalBytes'>;

/**
 * Appends whole lines when the process is about to end and nothing asynchronous runs any more, by the same rules as `JsonlFile`. The
 * folder must exist. At the first error the lines before it are written, and the others are not.
 * @throws the error of the file system; RangeError for an option out of range, and for a line longer than `maxTotalBytes`
 */
export function appendSync(lines: readonly Buffer[], { path, ...options }: AppendSyncOptions): void {
  const limits = resolveLimits(options);
  for (const line of lines) appendLine(line, path, limits);
}

function appendLine(line: Buffer, path: string, limits: FileLimits): void {
  const refusal = tooLong(line.length, limits);
  if (refusal !== undefined) throw refusal;
  if (mustRotate(repaired(path), line.length, limits)) {
    const last = findRotated(path).at(-1)?.stamp ?? 0;
    renameSync(path, rotatedPath(path, nextStamp(last)));
  }
  withFile(path, (file) => {
    const { size } = fstatSync(file);
    removeAll(filesToRemove(findRotated(path), size + line.length, limits));
    write(file, line, size);
  });
}

function repaired(path: string): { readonly size: number; readonly bornAt: number } {
  return withFile(path, (file) => {
    cutTornLineSync(file);
    const stats = fstatSync(file);
    return { size: stats.size, bornAt: bornAt(stats) };
  });
}

function withFile<T>(path: string, use: (file: number) => T): T {
  // "a+" and not "a": a torn line must be read.
  const file = openSync(path, 'a+');
  try {
    return use(file);
  } finally {
    closeSync(file);
  }
}

/** All of the line or nothing of it. */
function write(file: number, line: Buffer, sizeBefore: number): void {
  let written = 0;
  try {
    while (written < line.length) written += writeSync(file, line, written);
  } catch (error) {
    // Another size means that another process appends too: its lines must not be cut.
    if (written > 0 && fstatSync(file).size === sizeBefore + written) ftruncateSync(file, sizeBefore);
    throw error;
  }
}

/** Oldest first. */
function findRotated(path: string): readonly RotatedFile[] {
  const folder = dirname(path);
  const found: RotatedFile[] = [];
  for (const name of readdirSync(folder)) {
    const stamp = stampOf(name, path);
    if (stamp === undefined) continue;
    const stats = statSync(join(folder, name), { throwIfNoEntry: false });
    if (stats !== undefined) found.push({ path: join(folder, name), stamp, bytes: stats.size });
  }
  return oldestFirst(found);
}

function removeAll(files: readonly RotatedFile[]): void {
  for (const { path } of files) {
    try {
      unlinkSync(path);
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  }
}

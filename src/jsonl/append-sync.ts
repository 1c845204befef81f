import {
  closeSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { rotatedPath, stampOf } from './rotated-files.ts';

export interface AppendSyncOptions {
  readonly path: string;
  /** Bytes the file may hold before a new one is begun. */
  readonly rotateBytes: number;
  /** Bytes all files may hold together; the oldest are removed for it. */
  readonly maxTotalBytes: number;
}

const NEWLINE = 0x0a;
/** Where a torn line begins is looked for in so many bytes; one that is longer stays, and ends there. */
const SEARCHED_BYTES = 64 * 1024;

/**
 * Appends whole lines at the end of a process, where nothing asynchronous runs any more: with the same names, rotation and
 * bound as `JsonlFile`, in the same folder, which must exist.
 * @throws the error of the file system; RangeError for a line that all files together may not hold
 */
export function appendSync(lines: readonly Buffer[], options: AppendSyncOptions): void {
  for (const line of lines) appendLine(line, options);
}

function appendLine(line: Buffer, { path, rotateBytes, maxTotalBytes }: AppendSyncOptions): void {
  if (line.length > maxTotalBytes) {
    throw new RangeError(`the line has ${line.length} bytes, all files may have ${maxTotalBytes}`);
  }
  const isFull = (size: number): boolean => size > 0 && size + line.length > Math.min(rotateBytes, maxTotalBytes);
  const append = (file: number): boolean => {
    const size = endWithLine(file);
    if (isFull(size)) return false;
    removeOldest(findRotated(path), maxTotalBytes - size - line.length);
    write(file, line);
    return true;
  };
  if (withFile(path, append)) return;
  renameSync(path, rotatedPath(path, Math.max(Date.now(), (findRotated(path).at(-1)?.stamp ?? 0) + 1)));
  withFile(path, append);
}

function withFile<T>(path: string, use: (file: number) => T): T {
  // "a+" and not "a": a torn line is looked for.
  const file = openSync(path, 'a+');
  try {
    return use(file);
  } finally {
    closeSync(file);
  }
}

/** Cuts off the beginning of a line that a killed process has left. @returns the size of the file then */
function endWithLine(file: number): number {
  const { size } = fstatSync(file);
  const tail = Buffer.alloc(Math.min(size, SEARCHED_BYTES));
  readSync(file, tail, 0, tail.length, size - tail.length);
  if (size === 0 || tail.at(-1) === NEWLINE) return size;
  const newline = tail.lastIndexOf(NEWLINE);
  if (newline === -1 && tail.length < size) {
    writeSync(file, '\n');
    return size + 1;
  }
  const end = size - tail.length + newline + 1;
  ftruncateSync(file, end);
  return end;
}

function write(file: number, data: Buffer): void {
  for (let written = 0; written < data.length;) written += writeSync(file, data, written);
}

interface Rotated {
  readonly path: string;
  readonly stamp: number;
  readonly bytes: number;
}

/** Oldest first. */
function findRotated(path: string): readonly Rotated[] {
  const folder = dirname(path);
  const found: Rotated[] = [];
  for (const name of readdirSync(folder)) {
    const stamp = stampOf(basename(name), path);
    if (stamp !== undefined) found.push({ path: join(folder, name), stamp, bytes: statSync(join(folder, name)).size });
  }
  return found.sort((one, other) => one.stamp - other.stamp);
}

function removeOldest(files: readonly Rotated[], bytes: number): void {
  let total = files.reduce((sum, file) => sum + file.bytes, 0);
  for (const file of files) {
    if (total <= bytes) return;
    unlinkSync(file.path);
    total -= file.bytes;
  }
}

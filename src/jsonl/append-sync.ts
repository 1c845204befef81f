import {
  closeSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
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
 * @throws the error of the file system
 */
export function appendSync(lines: readonly Buffer[], { path, rotateBytes, maxTotalBytes }: AppendSyncOptions): void {
  const data = Buffer.concat(lines);
  const file = openSync(path, 'a+');
  let isFull = false;
  try {
    const size = endWithLine(file);
    isFull = size > 0 && size + data.length > Math.min(rotateBytes, maxTotalBytes);
    if (!isFull) write(file, data);
  } finally {
    closeSync(file);
  }
  if (!isFull) return;
  const rotated = findRotated(path);
  renameSync(path, rotatedPath(path, Math.max(Date.now(), (rotated.at(-1)?.stamp ?? 0) + 1)));
  removeOldest(findRotated(path), maxTotalBytes - data.length);
  const next = openSync(path, 'a+');
  try {
    write(next, data);
  } finally {
    closeSync(next);
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
    if (stamp !== undefined) found.push({ path: join(folder, name), stamp, bytes: sizeOf(join(folder, name)) });
  }
  return found.sort((one, other) => one.stamp - other.stamp);
}

function sizeOf(path: string): number {
  const file = openSync(path, 'r');
  try {
    return fstatSync(file).size;
  } finally {
    closeSync(file);
  }
}

function removeOldest(files: readonly Rotated[], bytes: number): void {
  let total = files.reduce((sum, file) => sum + file.bytes, 0);
  for (const file of files) {
    if (total <= bytes) return;
    unlinkSync(file.path);
    total -= file.bytes;
  }
}

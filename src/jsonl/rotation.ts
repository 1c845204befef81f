import type { Stats } from 'node:fs';
import { basename, extname } from 'node:path';
import { unixMillis } from '../clock/clock.ts';
import { errorCode } from '../values/thrown.ts';

/*
 * The rules about the files of one path: when a new one begins, how a full one is named, and which are removed. They decide only;
 * `JsonlFile` carries the decisions out asynchronously, `appendSync` synchronously, so that both treat the same folder the same way.
 */

export interface FileLimits {
  /** Bytes the current file may hold. */
  readonly rotateBytes: number;
  /** Milliseconds from the creation of the current file. */
  readonly rotateMillis: number;
  /** Bytes all files may hold together, the current one included. */
  readonly maxTotalBytes: number;
}

/** A full file: `traces-2026-07-31T12-00-00.000Z.jsonl`. */
export interface RotatedFile {
  readonly path: string;
  readonly bytes: number;
  /** Unix time in milliseconds, from its name: when it was rotated. */
  readonly stamp: number;
}

/** Bytes at which the current file is full. */
export function fullAt({ rotateBytes, maxTotalBytes }: FileLimits): number {
  return Math.min(rotateBytes, maxTotalBytes);
}

/** Why a line can never be written, however many files are removed; undefined where it can. */
export function tooLong(lineBytes: number, { maxTotalBytes }: FileLimits): RangeError | undefined {
  if (lineBytes <= maxTotalBytes) return undefined;
  return new RangeError(`the line has ${lineBytes} bytes, all files together may have ${maxTotalBytes}`);
}

/** Unix time in milliseconds when a file was created. */
export function bornAt({ size, birthtimeMs }: Pick<Stats, 'size' | 'birthtimeMs'>): number {
  // Some file systems have no time of birth and report 0. An empty file counts from its first line.
  return size > 0 && birthtimeMs > 0 ? birthtimeMs : unixMillis();
}

/** Whether the current file must be renamed, and a new one begun, before so many bytes are appended. An empty file never is. */
export function mustRotate(
  current: { readonly size: number; readonly bornAt: number },
  bytes: number,
  limits: FileLimits,
): boolean {
  if (current.size === 0) return false;
  return current.size + bytes > fullAt(limits) || unixMillis() - current.bornAt >= limits.rotateMillis;
}

/** Unix time in milliseconds for the next rotated file. */
export function nextStamp(lastStamp: number): number {
  // Never the same twice, not even when the clock goes backwards: renaming would replace a file.
  return Math.max(unixMillis(), lastStamp + 1);
}

/** The name of the current file once it is rotated. */
export function rotatedPath(path: string, stamp: number): string {
  const extension = extname(path);
  // Windows does not allow colons in file names.
  const time = new Date(stamp).toISOString().replaceAll(':', '-');
  return `${path.slice(0, path.length - extension.length)}-${time}${extension}`;
}

const STAMP = /^(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-(\d\d\.\d{3}Z)$/;

/** The stamp in the name of a rotated file of this path; undefined for every other file. */
export function stampOf(name: string, path: string): number | undefined {
  const extension = extname(path);
  const start = `${basename(path, extension)}-`;
  if (!name.startsWith(start) || !name.endsWith(extension)) return undefined;
  const time = STAMP.exec(name.slice(start.length, name.length - extension.length));
  const stamp = time === null ? Number.NaN : Date.parse(`${time[1]}T${time[2]}:${time[3]}:${time[4]}`);
  return Number.isNaN(stamp) ? undefined : stamp;
}

export function oldestFirst(files: readonly RotatedFile[]): RotatedFile[] {
  return files.toSorted((one, other) => one.stamp - other.stamp);
}

/**
 * The rotated files to remove, so that the others and so many bytes stay within the limit.
 * @param files oldest first
 * @param bytes the current file and what is about to be appended to it
 */
export function filesToRemove(
  files: readonly RotatedFile[],
  bytes: number,
  limits: FileLimits,
): readonly RotatedFile[] {
  let total = files.reduce((sum, file) => sum + file.bytes, bytes);
  let count = 0;
  for (const file of files) {
    if (total <= limits.maxTotalBytes) break;
    total -= file.bytes;
    count += 1;
  }
  return files.slice(0, count);
}

/** Another process may remove a rotated file at any time: a missing one is no error. */
export function isMissing(error: unknown): boolean {
  return errorCode(error) === 'ENOENT';
}

import { readdir, rename, stat, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  type FileLimits,
  filesToRemove,
  isMissing,
  nextStamp,
  oldestFirst,
  type RotatedFile,
  rotatedPath,
  stampOf,
} from './rotation.ts';

/** The full files beside the current one, as `JsonlFile` found or made them. */
export class RotatedFiles {
  readonly #path: string;
  /** Oldest first. */
  #files: readonly RotatedFile[] = [];
  #lastStamp = 0;

  /** @param path of the current file */
  constructor(path: string) {
    this.#path = path;
  }

  /** Lists the folder. @throws the error of the file system */
  async find(): Promise<void> {
    const folder = dirname(this.#path);
    const found: RotatedFile[] = [];
    for (const name of await readdir(folder)) {
      const stamp = stampOf(name, this.#path);
      if (stamp === undefined) continue;
      const path = join(folder, name);
      const bytes = await sizeOf(path);
      if (bytes !== undefined) found.push({ path, bytes, stamp });
    }
    this.#files = oldestFirst(found);
    this.#lastStamp = Math.max(this.#lastStamp, this.#files.at(-1)?.stamp ?? 0);
  }

  /** Renames the current file, which must be closed; the next `find()` lists it. @throws the error of the file system */
  async add(): Promise<void> {
    const stamp = nextStamp(this.#lastStamp);
    await rename(this.#path, rotatedPath(this.#path, stamp));
    this.#lastStamp = stamp;
  }

  /**
   * Removes the oldest files that are too much.
   * @param bytes the current file and what is about to be appended to it
   * @throws the error of the file system
   */
  async makeRoom(bytes: number, limits: FileLimits, removed: (file: RotatedFile) => void): Promise<void> {
    for (const file of filesToRemove(this.#files, bytes, limits)) {
      const wasThere = await remove(file.path);
      this.#files = this.#files.slice(1);
      if (wasThere) removed(file);
    }
  }
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** @returns false when another process had removed it */
async function remove(path: string): Promise<boolean> {
  try {
    await unlink(path);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

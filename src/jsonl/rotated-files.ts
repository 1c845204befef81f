import { readdir, rename, stat, unlink } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';

interface Rotated {
  readonly path: string;
  readonly bytes: number;
}

/** The full files beside the current one, oldest first. Their names hold the time of their end, which only ever grows. */
export class RotatedFiles {
  readonly #path: string;
  #files: Rotated[] = [];
  #bytes = 0;
  #lastStamp = 0;

  /** @param path of the current file */
  constructor(path: string) {
    this.#path = path;
  }

  /** Looks at the folder. @throws the error of the file system */
  async find(): Promise<void> {
    const folder = dirname(this.#path);
    const found: (Rotated & { readonly stamp: number })[] = [];
    for (const name of await readdir(folder)) {
      const stamp = stampOf(name, this.#path);
      if (stamp === undefined) continue;
      const path = join(folder, name);
      const bytes = await sizeOf(path);
      if (bytes !== undefined) found.push({ path, bytes, stamp });
    }
    found.sort((one, other) => one.stamp - other.stamp);
    this.#files = found;
    this.#bytes = found.reduce((sum, { bytes }) => sum + bytes, 0);
    this.#lastStamp = Math.max(this.#lastStamp, found.at(-1)?.stamp ?? 0);
  }

  /** Gives the current file, which is closed, its last name; `find()` knows it then. @throws the error of the file system */
  async add(): Promise<void> {
    // Never twice the same, also when the clock goes backwards: renaming would replace a file.
    const stamp = Math.max(Date.now(), this.#lastStamp + 1);
    await rename(this.#path, rotatedPath(this.#path, stamp));
    this.#lastStamp = stamp;
  }

  /** Removes the oldest until the rest holds no more than that. @throws the error of the file system */
  async keepWithin(bytes: number, removed: (file: Rotated) => void): Promise<void> {
    for (let oldest = this.#files[0]; oldest !== undefined && this.#bytes > bytes; oldest = this.#files[0]) {
      const wasThere = await remove(oldest.path);
      this.#files.shift();
      this.#bytes -= oldest.bytes;
      if (wasThere) removed(oldest);
    }
  }
}

const STAMP = /^(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-(\d\d\.\d{3}Z)$/;

/** Without colons, which Windows does not allow in names. */
export function rotatedPath(path: string, stamp: number): string {
  const extension = extname(path);
  const time = new Date(stamp).toISOString().replaceAll(':', '-');
  return `${path.slice(0, path.length - extension.length)}-${time}${extension}`;
}

export function stampOf(name: string, path: string): number | undefined {
  const extension = extname(path);
  const start = `${basename(path, extension)}-`;
  if (!name.startsWith(start) || !name.endsWith(extension)) return undefined;
  const time = STAMP.exec(name.slice(start.length, name.length - extension.length));
  const stamp = time === null ? Number.NaN : Date.parse(`${time[1]}T${time[2]}:${time[3]}:${time[4]}`);
  return Number.isNaN(stamp) ? undefined : stamp;
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

/** @returns false when somebody else had removed it */
async function remove(path: string): Promise<boolean> {
  try {
    await unlink(path);
    return true;
  } catch (error) {
    if (isAbsent(error)) return false;
    throw error;
  }
}

function isAbsent(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

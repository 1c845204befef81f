import { mkdir, open, stat, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { bornAt } from './rotation.ts';
import { cutTornLine } from './torn-line.ts';

/** The file that lines are appended to at present: an open handle, and what is known about the file behind it. */
export class CurrentFile {
  readonly #path: string;
  readonly #handle: FileHandle;
  readonly #device: number;
  readonly #inode: number;
  /** Unix time in milliseconds. */
  readonly bornAt: number;
  /** Bytes of a line that a killed process had begun. */
  readonly repairedBytes: number;
  #size: number;

  private constructor(path: string, handle: FileHandle, facts: Facts) {
    this.#path = path;
    this.#handle = handle;
    this.#device = facts.dev;
    this.#inode = facts.ino;
    this.bornAt = facts.bornAt;
    this.repairedBytes = facts.repairedBytes;
    this.#size = facts.size;
  }

  /** Opens it for appending, creating the file and its folders. @throws the error of the file system */
  static async open(path: string): Promise<CurrentFile> {
    await mkdir(dirname(path), { recursive: true });
    // "a+" and not "a": a torn line must be read.
    const handle = await open(path, 'a+');
    try {
      const repairedBytes = await cutTornLine(handle);
      const stats = await handle.stat();
      const { dev, ino, size } = stats;
      return new CurrentFile(path, handle, { dev, ino, size, bornAt: bornAt(stats), repairedBytes });
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** Bytes, as of the last `isInPlace()` or `append()`. */
  get size(): number {
    return this.#size;
  }

  /** Whether the path still leads to this file. One that was deleted or moved away accepts writes that nobody will find. */
  async isInPlace(): Promise<boolean> {
    try {
      const { dev, ino, size } = await stat(this.#path);
      this.#size = size;
      return dev === this.#device && ino === this.#inode;
    } catch {
      // Opening it again gives the better error.
      return false;
    }
  }

  /** All of it or nothing. @throws the error of the file system */
  async append(lines: readonly Buffer[]): Promise<void> {
    const sizeBefore = this.#size;
    let written = 0;
    try {
      let rest = lines;
      while (rest.length > 0) {
        const { bytesWritten } = await this.#handle.writev(rest);
        written += bytesWritten;
        rest = without(rest, bytesWritten);
      }
    } catch (error) {
      if (written > 0) await this.takeBack(sizeBefore, written);
      throw error;
    }
    this.#size = sizeBefore + written;
  }

  /** Cuts off what was written last. Where this fails, the next opening cuts it off as a torn line. */
  async takeBack(sizeBefore: number, written: number): Promise<void> {
    try {
      const { size } = await this.#handle.stat();
      // Another size means that another process appends too: its lines must not be cut.
      if (size === sizeBefore + written) await this.#handle.truncate(sizeBefore);
    } catch {
      // The write error that led here is the one to report.
    }
  }

  /** @throws the error of the file system */
  async sync(): Promise<void> {
    await this.#handle.datasync();
  }

  /** Waits for operations in progress. @throws the error of the file system */
  async close(): Promise<void> {
    await this.#handle.close();
  }

  /** Closes a file on which an operation has failed; an error of closing it adds nothing and is dropped. */
  async abandon(): Promise<void> {
    await this.#handle.close().catch(() => {});
  }
}

interface Facts {
  readonly dev: number;
  readonly ino: number;
  readonly size: number;
  readonly bornAt: number;
  readonly repairedBytes: number;
}

function without(buffers: readonly Buffer[], bytes: number): readonly Buffer[] {
  let left = bytes;
  let whole = 0;
  for (const { length } of buffers) {
    if (length > left) break;
    left -= length;
    whole += 1;
  }
  const [first, ...others] = buffers.slice(whole);
  return first === undefined ? [] : [first.subarray(left), ...others];
}

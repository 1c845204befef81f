import { mkdir, open, stat, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { cutTornLine } from './torn-line.ts';

/** The file that lines are appended to now. */
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
    // "a+" and not "a": a torn line is looked for.
    const handle = await open(path, 'a+');
    try {
      const repairedBytes = await cutTornLine(handle);
      const { dev, ino, size, birthtimeMs } = await handle.stat();
      // Some file systems have no time of birth and say 0.
      const bornAt = size > 0 && birthtimeMs > 0 ? birthtimeMs : Date.now();
      return new CurrentFile(path, handle, { dev, ino, size, bornAt, repairedBytes });
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** Bytes, as of the last look or write. */
  get size(): number {
    return this.#size;
  }

  /** A file that was deleted or moved away takes writes, and nobody finds them: the name must lead to it. */
  async isInPlace(): Promise<boolean> {
    try {
      const { dev, ino, size } = await stat(this.#path);
      this.#size = size;
      return dev === this.#device && ino === this.#inode;
    } catch {
      // Why it cannot be looked at, opening it anew tells better.
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

  /** Cuts off what was written last. What this leaves, the next opening finds as a torn line. */
  async takeBack(sizeBefore: number, written: number): Promise<void> {
    try {
      const { size } = await this.#handle.stat();
      // Another size means that another process appends too: its lines must not be cut.
      if (size === sizeBefore + written) await this.#handle.truncate(sizeBefore);
    } catch {
      // The error that led here is the one to report.
    }
  }

  /** @throws the error of the file system */
  async sync(): Promise<void> {
    await this.#handle.datasync();
  }

  /** Waits for what is under way on it. @throws the error of the file system */
  async close(): Promise<void> {
    await this.#handle.close();
  }

  /** Closes a file that has failed: that it cannot be closed either adds nothing. */
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

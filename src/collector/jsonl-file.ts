import { mkdir, open, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';

export type Appended = { readonly ok: true } | { readonly ok: false; readonly error: Error };

/** Lines beyond this wait for the next write, so that a queue of large ones is not copied into one larger still. */
const MAX_WRITE_BYTES = 16 * 1024 * 1024;
const NEWLINE = Buffer.from('\n');

interface Waiting {
  readonly line: Buffer;
  readonly resolve: (result: Appended) => void;
}

/**
 * A file of whole lines. Lines that arrive during a write share the next one. A failed write leaves no half line behind, and
 * the file is opened afresh for the one after it: that is how a full disk, lost permissions or a deleted folder heal.
 */
export class JsonlFile {
  readonly path: string;
  #handle: FileHandle | undefined;
  /** The file ends in half a line, from a process that was killed: the next write starts on a line of its own. */
  #isTorn = false;
  #waiting: Waiting[] = [];
  #writing: Promise<void> | undefined;
  #isClosed = false;

  private constructor(path: string) {
    this.path = path;
  }

  /** Opens it for appending, creating the file and its folders. @throws the error of the file system */
  static async open(path: string): Promise<JsonlFile> {
    const file = new JsonlFile(path);
    await file.#open();
    return file;
  }

  /** @param line one line with its newline. @returns when the operating system has taken it, or has refused it */
  append(line: Buffer): Promise<Appended> {
    if (this.#isClosed) return Promise.resolve({ ok: false, error: new Error('the file is closed') });
    return new Promise((resolve) => {
      this.#waiting.push({ line, resolve });
      this.#writing ??= this.#writeAll();
    });
  }

  /** Writes what is waiting and closes the file. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#writing;
    const handle = this.#handle;
    this.#handle = undefined;
    await handle?.close();
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#takeBatch();
      const result = await this.#write(batch.map(({ line }) => line));
      for (const { resolve } of batch) resolve(result);
    }
    this.#writing = undefined;
  }

  #takeBatch(): readonly Waiting[] {
    let bytes = 0;
    let count = 0;
    for (const { line } of this.#waiting) {
      bytes += line.length;
      if (count > 0 && bytes > MAX_WRITE_BYTES) break;
      count++;
    }
    return this.#waiting.splice(0, count);
  }

  async #write(lines: readonly Buffer[]): Promise<Appended> {
    try {
      const { handle, size } = await this.#usable();
      const data = Buffer.concat(this.#isTorn ? [NEWLINE, ...lines] : lines);
      await writeWhole(handle, data, size);
      this.#isTorn = false;
      return { ok: true };
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      await this.#abandonHandle();
      return { ok: false, error };
    }
  }

  /** A deleted file takes writes and loses them: nothing but its link count tells. */
  async #usable(): Promise<{ readonly handle: FileHandle; readonly size: number }> {
    const handle = this.#handle ?? (await this.#open());
    const { nlink, size } = await handle.stat();
    if (nlink > 0) return { handle, size };
    await this.#abandonHandle();
    return { handle: await this.#open(), size: 0 };
  }

  async #open(): Promise<FileHandle> {
    await mkdir(dirname(this.path), { recursive: true });
    // "a+" and not "a": the last byte is read.
    const handle = await open(this.path, 'a+');
    try {
      this.#isTorn = await endsWithinLine(handle);
    } catch (error) {
      await handle.close();
      throw error;
    }
    this.#handle = handle;
    return handle;
  }

  async #abandonHandle(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    try {
      await handle?.close();
    } catch {
      // It is given up because it failed; that it cannot be closed either adds nothing.
    }
  }
}

/** @param size of the file before */
async function writeWhole(handle: FileHandle, data: Buffer, size: number): Promise<void> {
  let written = 0;
  try {
    while (written < data.length) {
      const { bytesWritten } = await handle.write(data, written, data.length - written);
      written += bytesWritten;
    }
  } catch (error) {
    if (written > 0) await takeBack(handle, size, written);
    throw error;
  }
}

/** Cuts off the part of a failed write that reached the file. What it leaves, the next opening finds as a torn line. */
async function takeBack(handle: FileHandle, sizeBefore: number, written: number): Promise<void> {
  try {
    const { size } = await handle.stat();
    // Another size means that another process appends too: its lines must not be cut.
    if (size === sizeBefore + written) await handle.truncate(sizeBefore);
  } catch {
    // The write error that led here is the one to report.
  }
}

async function endsWithinLine(handle: FileHandle): Promise<boolean> {
  const { size } = await handle.stat();
  if (size === 0) return false;
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(1), 0, 1, size - 1);
  return bytesRead === 1 && buffer[0] !== NEWLINE[0];
}

import type { Deadline } from '../deadline/deadline.ts';
import type { Appended, JsonlClosed } from './appended.ts';
import { CurrentFile } from './current-file.ts';
import type { JsonlCounts } from './jsonl-event.ts';
import { type JsonlOptions, type ResolvedJsonlOptions, resolveJsonlOptions } from './jsonl-options.ts';
import { type Batch, LineQueue } from './line-queue.ts';
import { RotatedFiles } from './rotated-files.ts';

export type { Appended, JsonlClosed };

const WRITTEN: Appended = { ok: true };

/**
 * Appends whole lines to a file, begins a new one when it is full or old, and removes the oldest when there are too many bytes.
 * Lines that arrive during a write share the next one. A failed write leaves no half line behind, and the file is opened
 * afresh for the one after it: that is how a full disk, lost permissions or a deleted folder heal.
 */
export class JsonlFile {
  readonly #options: ResolvedJsonlOptions;
  readonly #rotated: RotatedFiles;
  readonly #queue: LineQueue;
  readonly #counts = {
    lines: 0,
    bytes: 0,
    refused: 0,
    rotations: 0,
    removedFiles: 0,
    removedBytes: 0,
    repairedBytes: 0,
  };
  /** Bytes at which a new file is begun. */
  readonly #fullAt: number;
  #current: CurrentFile | undefined;
  #writing: Promise<void> | undefined;
  #inFlight: Batch | undefined;
  #writeStartedAt = 0;
  #syncTimer: NodeJS.Timeout | undefined;
  #failure: Error | undefined;
  #closing: Promise<JsonlClosed> | undefined;

  private constructor(options: ResolvedJsonlOptions) {
    this.#options = options;
    this.#rotated = new RotatedFiles(options.path);
    this.#queue = new LineQueue(options.maxWaitingBytes);
    this.#fullAt = Math.min(options.rotateBytes, options.maxTotalBytes);
  }

  /**
   * Opens it for appending, creating the file and its folders, and repairs it where a killed process has left half a line.
   * @throws the error of the file system, RangeError for an option out of range
   */
  static async open(options: JsonlOptions): Promise<JsonlFile> {
    const file = new JsonlFile(resolveJsonlOptions(options));
    await file.#open();
    return file;
  }

  get path(): string {
    return this.#options.path;
  }

  /** Why the last write failed, until one succeeds. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  /** How long the write that is under way has taken so far; 0 without one. */
  get writingMillis(): number {
    return this.#inFlight === undefined ? 0 : performance.now() - this.#writeStartedAt;
  }

  /** Whether a line of so many bytes would be taken now, and not refused as `queue-full`. */
  hasRoom(bytes: number): boolean {
    return this.#queue.fits(bytes);
  }

  counts(): JsonlCounts {
    return { ...this.#counts, waitingBytes: this.#queue.bytes };
  }

  /**
   * Never rejects.
   * @param line one line with its newline
   * @returns when the line is in the file (with `fsync: 'always'` on the disk), or when it is certain that it is not
   */
  append(line: Buffer): Promise<Appended> {
    const { maxTotalBytes, maxWaitingBytes } = this.#options;
    if (this.#closing !== undefined) return this.#refuse('closed', 'the file is closed');
    if (line.length > maxTotalBytes) {
      return this.#refuse('too-long', `the line has ${line.length} bytes, all files may have ${maxTotalBytes}`);
    }
    if (!this.#queue.fits(line.length)) {
      return this.#refuse('queue-full', `${this.#queue.bytes} of ${maxWaitingBytes} bytes wait to be written`);
    }
    return new Promise((resolve) => {
      this.#queue.add({ line, resolve });
      this.#writing ??= this.#writeAll();
    });
  }

  /** Writes what is waiting and closes the file, at most until the deadline. A later call gets the first one's promise. */
  close(deadline: Deadline): Promise<JsonlClosed> {
    this.#closing ??= this.#close(deadline);
    return this.#closing;
  }

  async #close(deadline: Deadline): Promise<JsonlClosed> {
    const raced = await deadline.race(this.#finish());
    if (!raced.expired) return { ok: raced.value === undefined, linesLeft: 0, error: raced.value };
    const left = [...(this.#inFlight === undefined ? [] : [this.#inFlight]), this.#queue.takeAll()];
    const error = new Error('closed before the line was written');
    for (const batch of left) this.#settle(batch, { ok: false, reason: 'closed', error });
    return { ok: false, linesLeft: left.reduce((sum, { lines }) => sum + lines.length, 0), error };
  }

  async #finish(): Promise<Error | undefined> {
    await this.#writing;
    try {
      await this.#options.slots.use(() => this.#closeCurrent());
      return undefined;
    } catch (error) {
      return asError(error);
    }
  }

  async #writeAll(): Promise<void> {
    // Lines that come in the same turn share the first write, too.
    await Promise.resolve();
    while (!this.#queue.isEmpty) {
      const size = this.#current?.size ?? 0;
      const batch = this.#queue.take(size < this.#fullAt ? this.#fullAt - size : this.#fullAt);
      this.#inFlight = batch;
      this.#writeStartedAt = performance.now();
      const error = await this.#write(batch);
      const millis = performance.now() - this.#writeStartedAt;
      this.#options.onWrite({ millis, lines: batch.lines.length, bytes: batch.bytes, error });
      // At a deadline its callers have been told already.
      if (this.#inFlight === batch) {
        this.#settle(batch, error === undefined ? WRITTEN : { ok: false, reason: 'write-failed', error });
      }
    }
    this.#writing = undefined;
  }

  async #write({ lines, bytes }: Batch): Promise<Error | undefined> {
    const { fsync, slots } = this.#options;
    return slots.use(async () => {
      try {
        const file = await this.#makeRoom(bytes);
        const sizeBefore = file.size;
        await file.append(lines.map(({ line }) => line));
        if (fsync === 'always') {
          await file.sync().catch(async (error: unknown) => {
            // Its lines may be on the disk or not: the callers are told that they are not, and will come again.
            await file.takeBack(sizeBefore, bytes);
            throw error;
          });
        } else if (fsync === 'interval') {
          this.#syncLater();
        }
        this.#succeed();
        return undefined;
      } catch (error) {
        await this.#fail(asError(error));
        return asError(error);
      }
    });
  }

  /** The file to append to: in its place, with room for so many bytes, and within the bound of all files together. */
  async #makeRoom(bytes: number): Promise<CurrentFile> {
    const { rotateMillis, maxTotalBytes } = this.#options;
    let file = this.#current;
    if (file === undefined || !(await file.isInPlace())) {
      await file?.abandon();
      file = await this.#open();
    }
    const isFull = file.size + bytes > this.#fullAt;
    if (file.size > 0 && (isFull || Date.now() - file.bornAt >= rotateMillis)) {
      await this.#closeCurrent();
      await this.#rotated.add();
      this.#counts.rotations += 1;
      file = await this.#open();
    }
    await this.#rotated.keepWithin(maxTotalBytes - file.size - bytes, ({ path, bytes: removedBytes }) => {
      this.#counts.removedFiles += 1;
      this.#counts.removedBytes += removedBytes;
      this.#options.onEvent({ kind: 'removed', path, bytes: removedBytes });
    });
    return file;
  }

  async #open(): Promise<CurrentFile> {
    this.#current = undefined;
    const file = await CurrentFile.open(this.path);
    this.#current = file;
    await this.#rotated.find();
    if (file.repairedBytes > 0) {
      this.#counts.repairedBytes += file.repairedBytes;
      this.#options.onEvent({ kind: 'repaired', path: this.path, bytes: file.repairedBytes });
    }
    return file;
  }

  async #closeCurrent(): Promise<void> {
    clearTimeout(this.#syncTimer);
    this.#syncTimer = undefined;
    const file = this.#current;
    this.#current = undefined;
    if (file === undefined) return;
    try {
      if (this.#options.fsync !== 'never') await file.sync();
    } finally {
      await file.close();
    }
  }

  #syncLater(): void {
    this.#syncTimer ??= setTimeout(() => {
      this.#syncTimer = undefined;
      void this.#options.slots.use(async () => {
        // A file that was closed meanwhile has been synced by that.
        const file = this.#current;
        await file?.sync().catch((error: unknown) => (file === this.#current ? this.#fail(asError(error)) : undefined));
      });
    }, this.#options.fsyncIntervalMillis).unref();
  }

  #succeed(): void {
    if (this.#failure === undefined) return;
    this.#failure = undefined;
    this.#options.onEvent({ kind: 'recovered', path: this.path });
  }

  async #fail(error: Error): Promise<void> {
    const file = this.#current;
    this.#current = undefined;
    await file?.abandon();
    const isFirst = this.#failure === undefined;
    this.#failure = error;
    if (isFirst) this.#options.onEvent({ kind: 'failing', path: this.path, error });
  }

  #settle(batch: Batch, result: Appended): void {
    if (this.#inFlight === batch) this.#inFlight = undefined;
    if (result.ok) {
      this.#counts.lines += batch.lines.length;
      this.#counts.bytes += batch.bytes;
    } else {
      this.#counts.refused += batch.lines.length;
    }
    this.#queue.settle(batch, result);
  }

  #refuse(reason: 'queue-full' | 'too-long' | 'closed', message: string): Promise<Appended> {
    this.#counts.refused += 1;
    return Promise.resolve({ ok: false, reason, error: new Error(message) });
  }
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

import { clearTimeout, monotonicMillis, setTimeout } from '../clock/clock.ts';
import type { Deadline } from '../deadline/deadline.ts';
import { toError } from '../values/thrown.ts';
import { CurrentFile } from './current-file.ts';
import type { CloseResult, JsonlCounts } from './jsonl-results.ts';
import { type JsonlOptions, type ResolvedJsonlOptions, resolveJsonlOptions } from './jsonl-options.ts';
import { type AppendResult, type LineBatch, LineQueue } from './line-queue.ts';
import { RotatedFiles } from './rotated-files.ts';
import { fullAt, mustRotate, tooLong } from './rotation.ts';

export type { AppendResult };

const WRITTEN: AppendResult = { ok: true };

/**
 * Appends whole lines to a file, begins a new one when it is full or old, and removes the oldest when all hold too many bytes.
 * Lines that arrive during a write share the next one. A failed write leaves no part of a line behind, and the file is opened
 * again for the write after it, so writing recovers by itself from a full disk, lost permissions or a deleted folder.
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
  /** Bytes at which the current file is full. */
  readonly #fullAt: number;
  #current: CurrentFile | undefined;
  #writing: Promise<void> | undefined;
  #inFlight: LineBatch | undefined;
  #writeStartedAt = 0;
  #syncTimer: NodeJS.Timeout | undefined;
  #failure: Error | undefined;
  #closing: Promise<CloseResult> | undefined;

  private constructor(options: ResolvedJsonlOptions) {
    this.#options = options;
    this.#rotated = new RotatedFiles(options.path);
    this.#queue = new LineQueue(options.maxWaitingBytes);
    this.#fullAt = fullAt(options);
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

  /** Milliseconds that the write in progress has taken so far; 0 without one. */
  get writingMillis(): number {
    return this.#inFlight === undefined ? 0 : monotonicMillis() - this.#writeStartedAt;
  }

  /** Whether a line of so many bytes would be accepted now, and not refused as `queue-full`. */
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
  append(line: Buffer): Promise<AppendResult> {
    const { maxWaitingBytes } = this.#options;
    if (this.#closing !== undefined) return this.#refuse('closed', new Error('the file is closed'));
    const longer = tooLong(line.length, this.#options);
    if (longer !== undefined) return this.#refuse('too-long', longer);
    if (!this.#queue.fits(line.length)) {
      return this.#refuse(
        'queue-full',
        new Error(`${this.#queue.bytes} of ${maxWaitingBytes} bytes wait to be written`),
      );
    }
    return new Promise((resolve) => {
      this.#queue.add({ line, resolve });
      this.#writing ??= this.#writeAll();
    });
  }

  /** Writes the waiting lines and closes the file, at most until the deadline. A later call gets the first one's promise. */
  close(deadline: Deadline): Promise<CloseResult> {
    this.#closing ??= this.#close(deadline);
    return this.#closing;
  }

  async #close(deadline: Deadline): Promise<CloseResult> {
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
      return toError(error);
    }
  }

  async #writeAll(): Promise<void> {
    // So that all lines appended in the same turn of the event loop share the first write.
    await Promise.resolve();
    while (!this.#queue.isEmpty) {
      const size = this.#current?.size ?? 0;
      const batch = this.#queue.take(size < this.#fullAt ? this.#fullAt - size : this.#fullAt);
      this.#inFlight = batch;
      this.#writeStartedAt = monotonicMillis();
      const error = await this.#write(batch);
      const millis = monotonicMillis() - this.#writeStartedAt;
      this.#options.onWrite({ millis, lines: batch.lines.length, bytes: batch.bytes, error });
      // Otherwise `close()` has reached its deadline meanwhile and has told the callers already.
      if (this.#inFlight === batch) {
        this.#settle(batch, error === undefined ? WRITTEN : { ok: false, reason: 'write-failed', error });
      }
    }
    this.#writing = undefined;
  }

  async #write({ lines, bytes }: LineBatch): Promise<Error | undefined> {
    const { fsync, slots } = this.#options;
    return slots.use(async () => {
      try {
        const file = await this.#makeRoom(bytes);
        const sizeBefore = file.size;
        await file.append(lines.map(({ line }) => line));
        if (fsync === 'always') {
          await file.sync().catch(async (error: unknown) => {
            // The lines may or may not be on the disk. The callers are told that they are not and will append them again.
            await file.takeBack(sizeBefore, bytes);
            throw error;
          });
        } else if (fsync === 'interval') {
          this.#syncLater();
        }
        this.#succeed();
        return undefined;
      } catch (error) {
        await this.#fail(toError(error));
        return toError(error);
      }
    });
  }

  /** The file to append so many bytes to: at its path, rotated if it was full, with old files removed as needed. */
  async #makeRoom(bytes: number): Promise<CurrentFile> {
    let file = this.#current;
    if (file === undefined || !(await file.isInPlace())) {
      await file?.abandon();
      file = await this.#open();
    }
    if (mustRotate(file, bytes, this.#options)) {
      await this.#closeCurrent();
      await this.#rotated.add();
      this.#counts.rotations += 1;
      file = await this.#open();
    }
    await this.#rotated.makeRoom(file.size + bytes, this.#options, ({ path, bytes: removedBytes }) => {
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
        // Closing a file syncs it, so one that was closed meanwhile needs nothing.
        const file = this.#current;
        await file?.sync().catch((error: unknown) => (file === this.#current ? this.#fail(toError(error)) : undefined));
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

  #settle(batch: LineBatch, result: AppendResult): void {
    if (this.#inFlight === batch) this.#inFlight = undefined;
    if (result.ok) {
      this.#counts.lines += batch.lines.length;
      this.#counts.bytes += batch.bytes;
    } else {
      this.#counts.refused += batch.lines.length;
    }
    this.#queue.settle(batch, result);
  }

  #refuse(reason: 'queue-full' | 'too-long' | 'closed', error: Error): Promise<AppendResult> {
    this.#counts.refused += 1;
    return Promise.resolve({ ok: false, reason, error });
  }
}

import type { Writable } from 'node:stream';
import { clearTimeout, processMillis, setTimeout } from '../../clock/clock.ts';
import { errorCode } from '../../values/thrown.ts';

export interface StandardOutput {
  /** `process.stdout`. Asked for when something is to be written: Node makes a pipe non-blocking with it. */
  readonly stdout: () => Writable;
  /** One write to its file descriptor. Returns how many bytes were taken. @throws what the system says; EAGAIN: none, for now */
  readonly writeOutSync: (bytes: Uint8Array) => number;
}

interface Unfinished {
  readonly line: Uint8Array;
  /** What is still to be written of it. */
  rest: Uint8Array;
}

const NEWLINE = '\n'.codePointAt(0) ?? 0;
const FIRST_PAUSE_MILLIS = 1;
const LONGEST_PAUSE_MILLIS = 16;
/** A reader that has not gone on by then has stalled, and is not waited for. */
const LONGEST_HOLD_MILLIS = 2000;

/**
 * Whole lines on standard output, among what the application prints there. They go past the stream, to the file descriptor: an
 * error would become the stream's (EPIPE: nobody reads any more) and end the application, and what waits in the stream keeps the
 * process alive and is lost at its end. A pipe takes 64 KiB and then nothing until somebody reads: meanwhile the stream is
 * corked, so that what the application prints comes behind the line.
 */
export class LineOutput {
  readonly #output: StandardOutput;
  #lastWrite: Promise<void> = Promise.resolve();
  /** Of this one a part is written, and the stream is corked. */
  #unfinished: Unfinished | undefined;
  #retry: NodeJS.Timeout | undefined;
  /** `processMillis()` until which the process is held. */
  #holdsUntil: number | undefined;
  /** Those that were unfinished when the process ended, and are not now. */
  readonly #finishedSync = new WeakSet<Uint8Array>();
  /** The last line was written in part, and that is all of it: the next one must not continue it. */
  #isCut = false;

  constructor(output: StandardOutput) {
    this.#output = output;
  }

  /**
   * Resolves when the line is written. That does not keep the process alive.
   * @throws what the system says
   */
  write(line: Uint8Array): Promise<void> {
    const written = this.#lastWrite.then(() => this.#write(line));
    this.#lastWrite = written.catch(() => {});
    return written;
  }

  /**
   * At the end of the process: this thread stands still until the line is written. If it is being written already, the rest of it is.
   * @param deadline `processMillis()` at which it gives up
   * @throws Error with the reason why it was not written, or not all of it
   */
  writeSync(line: Uint8Array, deadline: number): void {
    // With the stream a pipe becomes non-blocking: a write to a blocking one would wait for its reader for ever.
    const stream = this.#output.stdout();
    this.#finishSync(stream, deadline);
    if (this.#finishedSync.has(line)) return;
    // The stream may have written a part of what waits in it, which is lost now.
    if (isOnDescriptor(stream) && stream.writableLength > 0) this.#isCut = true;
    this.#writeAllSync({ line, rest: this.#onItsOwn(line) }, deadline);
  }

  /**
   * The event loop has drained. If the application has printed something behind an unfinished line, the process goes on until that
   * is out, since there may be callbacks that wait for it.
   */
  holdForApplication(): void {
    if (this.#unfinished === undefined || this.#output.stdout().writableLength === 0) return;
    this.#holdsUntil ??= processMillis() + LONGEST_HOLD_MILLIS;
    if (processMillis() < this.#holdsUntil) this.#retry?.ref();
  }

  #write(line: Uint8Array): Promise<void> {
    const stream = this.#output.stdout();
    // In a worker thread it is a stream to the main thread. Elsewhere the application's output has to leave first.
    if (!isOnDescriptor(stream) || stream.writableLength > 0) return this.#writeToStream(stream, line);
    const unfinished: Unfinished = { line, rest: this.#onItsOwn(line) };
    return new Promise((resolve, reject) => {
      let pauseMillis = FIRST_PAUSE_MILLIS;
      const writeMore = (): void => {
        try {
          const taken = this.#writeSome(unfinished);
          if (unfinished.rest.length === 0) return end(resolve);
          pauseMillis = taken ? FIRST_PAUSE_MILLIS : Math.min(pauseMillis * 2, LONGEST_PAUSE_MILLIS);
        } catch (error) {
          return end(() => reject(error));
        }
        if (this.#unfinished === undefined) {
          stream.cork();
          this.#unfinished = unfinished;
        }
        this.#retry = setTimeout(writeMore, pauseMillis);
        this.#retry.unref();
        if (this.#holdsUntil !== undefined) this.holdForApplication();
      };
      const end = (settle: () => void): void => {
        this.#release(stream);
        settle();
      };
      writeMore();
    });
  }

  #writeToStream(stream: Writable, line: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      stream.write(this.#onItsOwn(line), (error) => {
        this.#isCut = error instanceof Error;
        if (!(error instanceof Error)) return resolve();
        // The stream emits it next. The application's own listeners get it, too; without one it would end the process.
        if (stream.listenerCount('error') === 0) stream.once('error', () => {});
        reject(error);
      });
    });
  }

  #finishSync(stream: Writable, deadline: number): void {
    const unfinished = this.#unfinished;
    if (unfinished === undefined) return;
    clearTimeout(this.#retry);
    try {
      this.#writeAllSync(unfinished, deadline);
      this.#finishedSync.add(unfinished.line);
      // What the application has printed meanwhile has one chance to leave: when there is room.
      if (stream.writableLength > 0) pause(Math.min(LONGEST_PAUSE_MILLIS, Math.max(0, deadline - processMillis())));
    } finally {
      this.#release(stream);
    }
  }

  #release(stream: Writable): void {
    if (this.#unfinished === undefined) return;
    this.#unfinished = undefined;
    stream.uncork();
  }

  #writeAllSync(unfinished: Unfinished, deadline: number): void {
    let pauseMillis = FIRST_PAUSE_MILLIS;
    for (;;) {
      const taken = this.#writeSome(unfinished);
      if (unfinished.rest.length === 0) return;
      if (taken) {
        pauseMillis = FIRST_PAUSE_MILLIS;
        continue;
      }
      const leftMillis = deadline - processMillis();
      if (leftMillis <= 0) throw new Error('standard output did not take it in time');
      pause(Math.min(pauseMillis, leftMillis));
      pauseMillis = Math.min(pauseMillis * 2, LONGEST_PAUSE_MILLIS);
    }
  }

  /** @returns whether anything was taken */
  #writeSome(unfinished: Unfinished): boolean {
    let taken: number;
    try {
      taken = this.#output.writeOutSync(unfinished.rest);
    } catch (error) {
      if (errorCode(error) !== 'EAGAIN') throw error;
      return false;
    }
    unfinished.rest = unfinished.rest.subarray(taken);
    if (taken > 0) this.#isCut = unfinished.rest.length > 0;
    return taken > 0;
  }

  #onItsOwn(line: Uint8Array): Uint8Array {
    return this.#isCut ? Buffer.concat([Buffer.of(NEWLINE), line]) : line;
  }
}

function isOnDescriptor(stream: Writable): boolean {
  return 'fd' in stream;
}

function pause(millis: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)), 0, 0, millis);
}

import type { Appended } from './appended.ts';

export interface WaitingLine {
  readonly line: Buffer;
  readonly resolve: (result: Appended) => void;
}

export interface Batch {
  readonly lines: readonly WaitingLine[];
  readonly bytes: number;
}

/** Lines beyond this wait for the next write: others should not wait for one that takes seconds. */
const MAX_WRITE_BYTES = 16 * 1024 * 1024;
/** Beyond this the operating system takes a write in parts. */
const MAX_WRITE_LINES = 1024;

/** Lines that wait to be written, first come first served, bounded by their bytes with those that are being written. */
export class LineQueue {
  readonly #maxBytes: number;
  #lines: WaitingLine[] = [];
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get isEmpty(): boolean {
    return this.#lines.length === 0;
  }

  /** Waiting or being written. */
  get bytes(): number {
    return this.#bytes;
  }

  /** An empty queue takes a line of any length. */
  fits(bytes: number): boolean {
    return this.#bytes === 0 || this.#bytes + bytes <= this.#maxBytes;
  }

  add(waiting: WaitingLine): void {
    this.#lines.push(waiting);
    this.#bytes += waiting.line.length;
  }

  /** The next lines for one write: at least one, and no more than fit into so many bytes. */
  take(room: number): Batch {
    const most = Math.min(room, MAX_WRITE_BYTES);
    let bytes = 0;
    let count = 0;
    for (const { line } of this.#lines) {
      if (count > 0 && (bytes + line.length > most || count === MAX_WRITE_LINES)) break;
      bytes += line.length;
      count += 1;
    }
    return { lines: this.#lines.splice(0, count), bytes };
  }

  takeAll(): Batch {
    const lines = this.#lines.splice(0);
    return { lines, bytes: lines.reduce((sum, { line }) => sum + line.length, 0) };
  }

  /** Tells the callers what became of their lines. */
  settle({ lines, bytes }: Batch, result: Appended): void {
    this.#bytes -= bytes;
    for (const { resolve } of lines) resolve(result);
  }
}

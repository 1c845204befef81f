/** What became of a line. */
export type AppendResult =
  | { readonly ok: true }
  | {
      readonly ok: false;
      /** `too-long`: longer than all files may be together, so it will never be written. After the others a retry may succeed. */
      readonly reason: 'write-failed' | 'queue-full' | 'too-long' | 'closed';
      readonly error: Error;
    };

export interface WaitingLine {
  readonly line: Buffer;
  readonly resolve: (result: AppendResult) => void;
}

/** Lines that go to the file in one write. */
export interface LineBatch {
  readonly lines: readonly WaitingLine[];
  readonly bytes: number;
}

/** Lines beyond this go into the next write, so that callers do not wait for one that takes seconds. */
const MAX_WRITE_BYTES = 16 * 1024 * 1024;
/** IOV_MAX on Linux: a write of more buffers is split by the operating system's limit. */
const MAX_WRITE_LINES = 1024;

/** Lines that wait to be written, first in, first out, bounded by their bytes and those of the lines that are being written. */
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

  /** Of lines that wait or are being written. */
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
  take(room: number): LineBatch {
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

  takeAll(): LineBatch {
    const lines = this.#lines.splice(0);
    return { lines, bytes: lines.reduce((sum, { line }) => sum + line.length, 0) };
  }

  /** Resolves what the callers of `append()` wait for. */
  settle({ lines, bytes }: LineBatch, result: AppendResult): void {
    this.#bytes -= bytes;
    for (const { resolve } of lines) resolve(result);
  }
}

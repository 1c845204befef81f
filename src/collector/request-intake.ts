import type { IncomingMessage } from 'node:http';
import { unixMillis } from '../clock/clock.ts';
import type { AppendResult } from '../jsonl/jsonl-file.ts';
import type { BodyBudget, BodyLease } from './body/body-budget.ts';
import { free } from './body/free.ts';
import { gunzip, LargeGzip } from './body/gunzip.ts';
import type { JsonlStorage } from './jsonl-storage.ts';
import { toFixedMemory } from './body/large-memory.ts';
import { leaveUnread } from './body/leave-unread.ts';
import type { Encoding } from './codec/otlp-codec.ts';
import { DecodeScheduler } from './decode-scheduler.ts';
import { overloaded, type Refusal, unavailable } from './refusal.ts';
import { type Body, type BodyLimits, readBody } from './body/request-body.ts';
import { LARGE_BYTES, linesOf, type RequestBody } from './request-lines.ts';
import type { OtlpSignal } from './signals.ts';
import { ItemCounts } from './validation/item-counts.ts';

export interface IntakeOptions {
  readonly storage: JsonlStorage;
  readonly budget: BodyBudget;
  readonly limits: BodyLimits;
  /** Called with what was in a request as soon as all of it was decoded and validated. */
  readonly onCounted: (signal: OtlpSignal, encoding: Encoding, counts: ItemCounts) => void;
}

/** What became of a request. */
export type Outcome =
  | { readonly kind: 'accepted'; readonly counts: ItemCounts }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  | { readonly kind: 'abandoned' };

/** How a body is encoded, by its headers. */
export interface BodyFormat {
  readonly encoding: Encoding;
  readonly isGzip: boolean;
}

/** A full disk or a deleted folder is not repaired within a second. */
const RETRY_SECONDS = 5;
/**
 * Bytes of the lines of one request that are held until all of it has proved decodable. Of a larger request the lines are dropped, and
 * it is decoded a second time to store them.
 */
const MAX_HELD_BYTES = 8 * 1024 * 1024;

interface DecodedRequest {
  readonly counts: ItemCounts;
  /** The lines to store; undefined if they are too many to hold. */
  readonly lines: readonly Buffer[] | undefined;
}

/**
 * Turns requests into stored lines. Nothing is stored of a request unless all of it can be decoded. A large one is decoded in
 * pieces, each of which becomes a line, so that only its body, one piece and a few lines are in memory.
 */
export class RequestIntake {
  readonly #options: IntakeOptions;
  readonly #scheduler = new DecodeScheduler();

  constructor(options: IntakeOptions) {
    this.#options = options;
  }

  async take(signal: OtlpSignal, format: BodyFormat, request: IncomingMessage): Promise<Outcome> {
    const lease = this.#options.budget.lease();
    try {
      return await this.#take(signal, format, request, lease);
    } finally {
      lease.release();
    }
  }

  async #take(signal: OtlpSignal, format: BodyFormat, request: IncomingMessage, lease: BodyLease): Promise<Outcome> {
    const { limits } = this.#options;
    const declared = Number(request.headers['content-length'] ?? 0);
    if (!this.#hasRoom(signal, declared)) {
      leaveUnread(request, declared);
      return refused(noRoom(signal));
    }
    const received = await readBody(request, limits, lease);
    if (!received.ok) return notReceived(received);
    const nowNano = `${unixMillis()}000000`;
    const store = async (body: Body): Promise<Outcome> => {
      if (!body.ok) return notReceived(body);
      const { bytes } = body;
      // Checked again: the room may be gone by now, and the size of a compressed or chunked body was not known before.
      if (this.#hasRoom(signal, bytes.length))
        return this.#store({ signal, encoding: format.encoding, bytes: toFixedMemory(bytes), nowNano }, lease);
      free(bytes);
      return refused(noRoom(signal));
    };
    const body = format.isGzip ? gunzip(received.bytes, limits.maxBytes, lease) : received;
    const isLargeGzip = body instanceof LargeGzip;
    if (!isLargeGzip && (!body.ok || body.bytes.length <= LARGE_BYTES)) return store(body);
    // Even if the client has disconnected meanwhile: it may have been a process that sent this as it died.
    return this.#scheduler.runLarge(async () => store(isLargeGzip ? await body.inflate() : body));
  }

  /**
   * Checked before decoding, which would be wasted work while the storage hangs and clients retry. For a large body only room for the
   * first line is required: next to other waiting lines there might never be room for all of it.
   */
  #hasRoom(signal: OtlpSignal, bytes: number): boolean {
    return this.#options.storage.hasRoom(signal, Math.min(bytes, LARGE_BYTES));
  }

  async #store(request: RequestBody, lease: BodyLease): Promise<Outcome> {
    const { storage, onCounted } = this.#options;
    const { signal, encoding, bytes } = request;
    try {
      const found = await this.#decodeAll(request, lease);
      if ('status' in found) return refused(found);
      const { counts, lines } = found;
      onCounted(signal, encoding, counts);
      if (lines === undefined) return await this.#storeAgain(request, counts);
      free(bytes);
      lease.force(lines.reduce((sum, { length }) => sum + length, 0));
      // In order: the storage queues them as they come.
      const stored = await Promise.all(lines.map((line) => storage.append(signal, line)));
      // Only lines that are in the file may be freed: a write of the others may still be in progress.
      for (const [index, line] of lines.entries()) if (stored[index]?.ok === true) free(line);
      const failed = stored.find((result) => !result.ok);
      return failed === undefined ? { kind: 'accepted', counts } : refused(notStored(signal, failed));
    } finally {
      free(bytes);
    }
  }

  async #decodeAll(request: RequestBody, lease: BodyLease): Promise<DecodedRequest | Refusal> {
    const counts = new ItemCounts();
    const lines: Buffer[] = [];
    let held = 0;
    let isHeld = true;
    const dropLines = (): void => {
      for (const line of lines.splice(0)) free(line);
    };
    for await (const line of linesOf(request, counts, this.#scheduler)) {
      if (!Buffer.isBuffer(line)) {
        dropLines();
        return line;
      }
      held += line.length;
      isHeld &&= held <= MAX_HELD_BYTES || lines.length === 0;
      lines.push(line);
      lease.force(request.bytes.length + (isHeld ? held : line.length));
      if (!isHeld) dropLines();
    }
    return { counts, lines: isHeld ? lines : undefined };
  }

  /** Decodes the request a second time and stores each line at once: it has proved decodable. */
  async #storeAgain(request: RequestBody, counts: ItemCounts): Promise<Outcome> {
    for await (const line of linesOf(request, new ItemCounts(), this.#scheduler)) {
      if (!Buffer.isBuffer(line)) return refused(line);
      const stored = await this.#options.storage.append(request.signal, line);
      if (!stored.ok) return refused(notStored(request.signal, stored));
      free(line);
    }
    return { kind: 'accepted', counts };
  }
}

function refused(refusal: Refusal): Outcome {
  return { kind: 'refused', refusal };
}

function notReceived({ refusal }: Extract<Body, { ok: false }>): Outcome {
  return refusal === undefined ? { kind: 'abandoned' } : refused(refusal);
}

function noRoom({ file }: OtlpSignal): Refusal {
  return overloaded(`${file}: too many bytes wait to be written`);
}

function notStored({ file }: OtlpSignal, { reason, error }: Extract<AppendResult, { ok: false }>): Refusal {
  if (reason === 'too-long') return { status: 413, message: `${file}: ${error.message}; it was not stored` };
  if (reason === 'queue-full') return overloaded(`${file}: ${error.message}`);
  return unavailable(
    `cannot write ${file} (${error.message}); not all of this request was stored, try again`,
    RETRY_SECONDS,
  );
}

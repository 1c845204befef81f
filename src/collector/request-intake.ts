import type { IncomingMessage } from 'node:http';
import type { AppendResult } from '../jsonl/jsonl-file.ts';
import type { BodyBudget, BodyLease } from './body/body-budget.ts';
import { free } from './body/free.ts';
import { gunzip, LargeGzip } from './body/gunzip.ts';
import type { JsonlStorage } from './jsonl-storage.ts';
import { settled } from './body/large-memory.ts';
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
  /** Told what was in a request, as soon as it was looked through. */
  readonly onCounted: (signal: OtlpSignal, encoding: Encoding, counts: ItemCounts) => void;
}

/** What became of a request. */
export type Outcome =
  | { readonly kind: 'accepted'; readonly counts: ItemCounts }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  | { readonly kind: 'abandoned' };

/** How a body says that it is compressed, and as what it is to be read. */
export interface BodyForm {
  readonly encoding: Encoding;
  readonly isGzip: boolean;
}

/** A full disk or a lost folder takes a person to mend. */
const RETRY_SECONDS = 5;
/** Lines of one request that are held until it is known to be good to its end. Beyond them it is decoded a second time. */
const MAX_HELD_BYTES = 8 * 1024 * 1024;

interface LookedThrough {
  readonly counts: ItemCounts;
  /** All that is to be stored; undefined where that is too much to hold. */
  readonly lines: readonly Buffer[] | undefined;
}

/**
 * From a request to stored lines. Nothing is stored of a request that cannot be decoded to its end. A large one is decoded in
 * pieces, each of which becomes a line: what is held of it is its body, a piece, and few lines.
 */
export class RequestIntake {
  readonly #options: IntakeOptions;
  readonly #scheduler = new DecodeScheduler();

  constructor(options: IntakeOptions) {
    this.#options = options;
  }

  async take(signal: OtlpSignal, form: BodyForm, request: IncomingMessage): Promise<Outcome> {
    const lease = this.#options.budget.lease();
    try {
      return await this.#take(signal, form, request, lease);
    } finally {
      lease.release();
    }
  }

  async #take(signal: OtlpSignal, form: BodyForm, request: IncomingMessage, lease: BodyLease): Promise<Outcome> {
    const { limits } = this.#options;
    const declared = Number(request.headers['content-length'] ?? 0);
    if (!this.#hasRoom(signal, declared)) {
      leaveUnread(request, declared);
      return refused(noRoom(signal));
    }
    const received = await readBody(request, limits, lease);
    if (!received.ok) return notReceived(received);
    const nowNano = `${Date.now()}000000`;
    const store = async (body: Body): Promise<Outcome> => {
      if (!body.ok) return notReceived(body);
      const { bytes } = body;
      // The room may have gone meanwhile, and the size was not known of what was compressed or came in chunks.
      if (this.#hasRoom(signal, bytes.length))
        return this.#store({ signal, encoding: form.encoding, bytes: settled(bytes), nowNano }, lease);
      free(bytes);
      return refused(noRoom(signal));
    };
    const body = form.isGzip ? gunzip(received.bytes, limits.maxBytes, lease) : received;
    const isLargeGzip = body instanceof LargeGzip;
    if (!isLargeGzip && (!body.ok || body.bytes.length <= LARGE_BYTES)) return store(body);
    // Also where its client has gone meanwhile: it may have been the client's last words.
    return this.#scheduler.runLarge(async () => store(isLargeGzip ? await body.inflate() : body));
  }

  /**
   * To decode what cannot be stored would be most of the work while the storage hangs and clients try again. Of a large body this
   * looks at the first of its lines only: beside others that wait it might else never be taken.
   */
  #hasRoom(signal: OtlpSignal, bytes: number): boolean {
    return this.#options.storage.hasRoom(signal, Math.min(bytes, LARGE_BYTES));
  }

  async #store(request: RequestBody, lease: BodyLease): Promise<Outcome> {
    const { storage, onCounted } = this.#options;
    const { signal, encoding, bytes } = request;
    try {
      const found = await this.#lookThrough(request, lease);
      if ('status' in found) return refused(found);
      const { counts, lines } = found;
      onCounted(signal, encoding, counts);
      if (lines === undefined) return await this.#storeAgain(request, counts);
      free(bytes);
      lease.force(lines.reduce((sum, { length }) => sum + length, 0));
      // In their order: the storage takes them one after the other.
      const stored = await Promise.all(lines.map((line) => storage.append(signal, line)));
      // Those that are in the file: of others a write may be under way.
      for (const [index, line] of lines.entries()) if (stored[index]?.ok === true) free(line);
      const failed = stored.find((result) => !result.ok);
      return failed === undefined ? { kind: 'accepted', counts } : refused(notStored(signal, failed));
    } finally {
      free(bytes);
    }
  }

  async #lookThrough(request: RequestBody, lease: BodyLease): Promise<LookedThrough | Refusal> {
    const counts = new ItemCounts();
    const lines: Buffer[] = [];
    let held = 0;
    let isHeld = true;
    const letGo = (): void => {
      for (const line of lines.splice(0)) free(line);
    };
    for await (const line of linesOf(request, counts, this.#scheduler)) {
      if (!Buffer.isBuffer(line)) {
        letGo();
        return line;
      }
      held += line.length;
      isHeld &&= held <= MAX_HELD_BYTES || lines.length === 0;
      lines.push(line);
      lease.force(request.bytes.length + (isHeld ? held : line.length));
      if (!isHeld) letGo();
    }
    return { counts, lines: isHeld ? lines : undefined };
  }

  /** The second time: it is known to be good, so each line is stored as it comes. */
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
  return overloaded(`${file}: as much as may wait to be written does`);
}

function notStored({ file }: OtlpSignal, { reason, error }: Extract<AppendResult, { ok: false }>): Refusal {
  if (reason === 'too-long') return { status: 413, message: `${file}: ${error.message}; it was not stored` };
  if (reason === 'queue-full') return overloaded(`${file}: ${error.message}`);
  return unavailable(
    `cannot write ${file} (${error.message}); not all of this request was stored, try again`,
    RETRY_SECONDS,
  );
}

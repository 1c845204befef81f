import type { IdGenerator } from '@opentelemetry/sdk-trace';

/** Hexadecimal digits that are made at a time. An id is a part of this text and keeps it in memory, so not more. */
const DIGITS = 512;
const SPAN_ID = 16;
const TRACE_ID = 32;

/**
 * Random ids, as those of the SDK, but made many at a time: the conversion of a few bytes to digits costs mostly the call. From
 * `Math.random()`, since the ids must differ, not be secret (specification, "IdGenerators"); from that of the start, since tests of
 * applications replace it by one that always returns the same.
 */
export class IdPool implements IdGenerator {
  readonly #random: () => number;
  readonly #words = new Uint32Array(DIGITS / 8);
  #digits = '';
  #next = 0;

  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  generateTraceId(): string {
    return this.#take(TRACE_ID);
  }

  generateSpanId(): string {
    return this.#take(SPAN_ID);
  }

  #take(length: number): string {
    if (this.#next + length > this.#digits.length) this.#refill();
    const id = this.#digits.slice(this.#next, this.#next + length);
    this.#next += length;
    // Trace Context, section 3.2.2: ids of zeros are invalid.
    return id.charCodeAt(0) === 0x30 && /^0*$/.test(id) ? '1'.padStart(length, '0') : id;
  }

  #refill(): void {
    const random = this.#random;
    for (let index = 0; index < this.#words.length; index++) this.#words[index] = random() * 2 ** 32;
    this.#digits = Buffer.from(this.#words.buffer).toString('hex');
    this.#next = 0;
  }
}

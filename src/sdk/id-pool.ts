import type { IdGenerator } from '@opentelemetry/sdk-trace';

/** Hexadecimal digits that are made at a time: of 256 spans. */
const DIGITS = 256 * 16;
const SPAN_ID = 16;
const TRACE_ID = 32;

/**
 * Random ids, as those of the SDK, but made many at a time: the conversion of a few bytes to digits costs mostly the call. From
 * `Math.random()`, since the ids must differ, not be secret (specification, "IdGenerators").
 */
export class IdPool implements IdGenerator {
  #digits = '';
  #next = 0;

  generateTraceId(): string {
    return this.#take(TRACE_ID);
  }

  generateSpanId(): string {
    return this.#take(SPAN_ID);
  }

  #take(length: number): string {
    for (;;) {
      if (this.#next + length > this.#digits.length) this.#refill();
      const id = this.#digits.slice(this.#next, this.#next + length);
      this.#next += length;
      // Trace Context, section 3.2.2: ids of zeros are invalid.
      if (id.charCodeAt(0) !== 0x30 || /[^0]/.test(id)) return id;
    }
  }

  #refill(): void {
    const words = new Uint32Array(DIGITS / 8);
    for (let index = 0; index < words.length; index++) words[index] = Math.random() * 2 ** 32;
    this.#digits = Buffer.from(words.buffer).toString('hex');
    this.#next = 0;
  }
}

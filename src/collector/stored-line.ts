import { free } from './body/free.ts';
import { type CanonicalMessage, type CanonicalValue, isEmpty, isScalar } from './codec/canonical.ts';

/** Bytes of the line of a large item. JSON escapes a control character as six bytes, so a line can be much longer than its item. */
const MAX_LINE_BYTES = 16 * 1024 * 1024;
/** Characters that are converted to JSON at a time. */
const SLICE = 8 * 1024;

/**
 * A message as a line of the OTLP file format. JSON.stringify escapes newlines, so there is exactly one.
 * @returns undefined for an empty message: OTLP requires success for it, and there is nothing to store
 */
export function toLine(data: CanonicalMessage): Buffer | undefined {
  return isEmpty(data) ? undefined : Buffer.from(`${JSON.stringify(data)}\n`);
}

/**
 * The same for a message that may be large. It is written piece by piece: with the whole text besides its bytes it would need
 * three times the memory of the line, six times if one character is not Latin-1.
 * @returns undefined if the line would be too long
 */
export function toLongLine(data: CanonicalMessage): Buffer | undefined {
  const line = new LongLine();
  line.add(data);
  return line.end();
}

class LongLine {
  /** Pages of it that are never written to occupy no memory. */
  readonly #bytes = Buffer.allocUnsafeSlow(MAX_LINE_BYTES);
  #length = 0;
  #text = '';
  #isFull = false;

  add(value: CanonicalValue): void {
    if (this.#isFull) return;
    if (typeof value === 'string') {
      this.#addText(value);
    } else if (isScalar(value)) {
      this.#write(JSON.stringify(value));
    } else if (Array.isArray(value)) {
      for (const [index, element] of value.entries()) {
        this.#write(index === 0 ? '[' : ',');
        this.add(element);
      }
      this.#write(value.length === 0 ? '[]' : ']');
    } else {
      let separator = '{';
      for (const [name, member] of Object.entries(value)) {
        this.#write(`${separator}${JSON.stringify(name)}:`);
        this.add(member);
        separator = ',';
      }
      this.#write(separator === '{' ? '{}' : '}');
    }
  }

  end(): Buffer | undefined {
    this.#write('\n');
    this.#flush();
    // A copy of the right size: lines that wait to be written must not each hold 16 MiB.
    const line = this.#isFull ? undefined : Buffer.from(this.#bytes.subarray(0, this.#length));
    free(this.#bytes);
    return line;
  }

  #addText(text: string): void {
    if (text.length <= SLICE) return this.#write(JSON.stringify(text));
    this.#write('"');
    for (let from = 0; from < text.length && !this.#isFull;) {
      // Never between the halves of a surrogate pair: JSON.stringify would escape each of them.
      const to = from + SLICE + (isHighSurrogate(text.charCodeAt(from + SLICE - 1)) ? 1 : 0);
      this.#write(JSON.stringify(text.slice(from, to)).slice(1, -1));
      from = to;
    }
    this.#write('"');
  }

  #write(json: string): void {
    this.#text += json;
    if (this.#text.length >= SLICE) this.#flush();
  }

  #flush(): void {
    if (this.#isFull || this.#length + Buffer.byteLength(this.#text) > MAX_LINE_BYTES) this.#isFull = true;
    else this.#length += this.#bytes.write(this.#text, this.#length);
    this.#text = '';
  }
}

function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff;
}

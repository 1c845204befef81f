import { free } from './body/free.ts';
import { type CanonicalMessage, type CanonicalValue, isEmpty } from './codec/canonical.ts';

/** Bytes of a line, where an item is large. Control characters, six bytes each as JSON, make a few megabytes many. */
const MAX_LINE_BYTES = 16 * 1024 * 1024;
/** Characters that are turned to JSON at a time. */
const SLICE = 8 * 1024;

/**
 * A message as a line of the OTLP file format; JSON.stringify escapes every newline, so a line is a line.
 * @returns undefined for an empty message: OTLP asks for success, and there is nothing to store
 */
export function toLine(data: CanonicalMessage): Buffer | undefined {
  return isEmpty(data) ? undefined : Buffer.from(`${JSON.stringify(data)}\n`);
}

/**
 * A stored line for a message that may be large: written part by part, since the whole text beside its bytes would be three times as
 * large as the line, six times where one character of it is not Latin-1.
 * @returns undefined where the line would be too long
 */
export function toLongLine(data: CanonicalMessage): Buffer | undefined {
  const line = new LongLine();
  line.add(data);
  return line.end();
}

class LongLine {
  /** Memory that is not written to is not in use. */
  readonly #bytes = Buffer.allocUnsafeSlow(MAX_LINE_BYTES);
  #length = 0;
  #text = '';
  #isFull = false;

  add(value: CanonicalValue): void {
    if (this.#isFull) return;
    if (typeof value === 'string') {
      this.#addText(value);
    } else if (typeof value !== 'object') {
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
    // A copy: V8 counts all of the memory, and lines that wait would be many times what they hold.
    const line = this.#isFull ? undefined : Buffer.from(this.#bytes.subarray(0, this.#length));
    free(this.#bytes);
    return line;
  }

  #addText(text: string): void {
    if (text.length <= SLICE) return this.#write(JSON.stringify(text));
    this.#write('"');
    for (let from = 0; from < text.length && !this.#isFull;) {
      // The halves of a surrogate pair would each be escaped.
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

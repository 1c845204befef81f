import { DecodeFailure } from './decode-failure.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

export interface JsonRange {
  readonly start: number;
  readonly end: number;
}

/**
 * Finds where values begin and end in JSON that is not parsed yet. It checks the syntax between the values it finds; `JSON.parse`
 * checks the values themselves later.
 */
export class JsonScanner {
  readonly #text: Buffer;
  #position: number;

  constructor(text: Buffer, position: number) {
    this.#text = text;
    this.#position = position;
  }

  /**
   * The members of the object at the current position that have one of these names; others, perhaps millions, are skipped. Of two with
   * the same name the last one counts, as in `JSON.parse`.
   */
  members(names: ReadonlySet<string>): Map<string, JsonRange> {
    const found = new Map<string, JsonRange>();
    for (const _ of this.#separated(OPEN_BRACE, CLOSE_BRACE, 'an object')) {
      const name = this.#name();
      this.#expect(COLON, '":"');
      const value = this.#value();
      if (names.has(name)) found.set(name, value);
    }
    return found;
  }

  /** The elements of the list at the current position, one after the other. */
  *elements(): Generator<JsonRange> {
    for (const _ of this.#separated(OPEN_BRACKET, CLOSE_BRACKET, 'an array')) yield this.#value();
  }

  /** Checks that nothing but white space follows. */
  end(): void {
    this.#skipSpace();
    if (this.#position < this.#text.length) throw this.#fail('the end');
  }

  *#separated(open: number, close: number, what: string): Generator<undefined> {
    this.#expect(open, what);
    this.#skipSpace();
    if (this.#text[this.#position] === close) {
      this.#position += 1;
      return;
    }
    for (;;) {
      yield undefined;
      this.#skipSpace();
      const byte = this.#text[this.#position];
      if (byte !== COMMA && byte !== close) throw this.#fail('"," or the end of a list or object');
      this.#position += 1;
      if (byte === close) return;
    }
  }

  #name(): string {
    this.#skipSpace();
    const start = this.#position;
    if (this.#text[start] !== QUOTE) throw this.#fail('a name');
    this.#skipString();
    const text = this.#text.toString('utf8', start, this.#position);
    try {
      const name: unknown = JSON.parse(text);
      return String(name);
    } catch (cause) {
      throw new DecodeFailure('malformed', `byte ${start}: not valid JSON (an invalid name)`, '', { cause });
    }
  }

  #value(): JsonRange {
    this.#skipSpace();
    const start = this.#position;
    const first = this.#text[start];
    if (first === QUOTE) this.#skipString();
    else if (first === OPEN_BRACE || first === OPEN_BRACKET) this.#skipNested();
    else this.#skipWord();
    if (this.#position === start) throw this.#fail('a value');
    return { start, end: this.#position };
  }

  #skipNested(): void {
    const text = this.#text;
    let depth = 0;
    do {
      const byte = text[this.#position];
      if (byte === undefined) throw this.#fail('the end of a list or object');
      if (byte === QUOTE) {
        this.#skipString();
        continue;
      }
      // Whether the two kinds match is checked by JSON.parse.
      if (byte === OPEN_BRACE || byte === OPEN_BRACKET) depth += 1;
      else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) depth -= 1;
      this.#position += 1;
    } while (depth > 0);
  }

  #skipString(): void {
    const text = this.#text;
    let at = this.#position + 1;
    for (;;) {
      const byte = text[at];
      if (byte === undefined) throw this.#fail('the end of a string');
      at += 1;
      if (byte === BACKSLASH) at += 1;
      else if (byte === QUOTE) break;
    }
    this.#position = at;
  }

  /** A number, true, false or null. */
  #skipWord(): void {
    for (let byte = this.#text[this.#position]; byte !== undefined; byte = this.#text[this.#position]) {
      const isEnd = byte === COMMA || byte === CLOSE_BRACE || byte === CLOSE_BRACKET || isSpace(byte);
      if (isEnd) return;
      this.#position += 1;
    }
  }

  #skipSpace(): void {
    for (let byte = this.#text[this.#position]; byte !== undefined && isSpace(byte);) {
      this.#position += 1;
      byte = this.#text[this.#position];
    }
  }

  #expect(byte: number, what: string): void {
    this.#skipSpace();
    if (this.#text[this.#position] !== byte) throw this.#fail(what);
    this.#position += 1;
  }

  #fail(expected: string): DecodeFailure {
    const at = this.#position;
    const got = at < this.#text.length ? JSON.stringify(this.#text.toString('latin1', at, at + 1)) : 'the end';
    return new DecodeFailure('malformed', `byte ${at}: not valid JSON (expected ${expected}, got ${got})`);
  }
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

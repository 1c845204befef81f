import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, visit } from 'yaml';
import { dotted, type Path } from './findings.ts';

/** Where a message of the parser goes on after a colon, it is with a piece of the file, and that may be a secret. */
const BEFORE_SOURCE = /^[^:\n]*/;

/** The text of the file with its places, for messages: the parser of `@opentelemetry/configuration` keeps none. */
export class ConfigDocument {
  readonly file: string;
  readonly #lines = new LineCounter();
  readonly #document: Document.Parsed;

  constructor(file: string, text: string) {
    this.file = file;
    this.#document = parseDocument(text, { version: '1.2', lineCounter: this.#lines, prettyErrors: false });
  }

  /** What makes it no YAML; undefined where it is. */
  get problem(): string | undefined {
    const [error] = this.#document.errors;
    if (error !== undefined)
      return this.#atOffset(error.pos[0], BEFORE_SOURCE.exec(error.message)?.[0].trim() ?? error.code);
    const alias = this.#unresolvedAlias();
    if (alias !== undefined) return this.#atOffset(alias, 'expected an anchor of this name before the alias');
    return this.#document.contents === null ? `${this.file}: expected a configuration (the file is empty)` : undefined;
  }

  /** The values as they are written, without substitution. Throws where aliases expand beyond all measure. */
  toJS(): unknown {
    return this.#document.toJS();
  }

  /** `otel.yaml:7:9: tracer_provider.processors[0]: …`; a key that is not there is placed where it belongs. */
  message(path: Path, text: string): string {
    return this.#atOffset(this.#find(path), path.length === 0 ? text : `${dotted(path)}: ${text}`);
  }

  #unresolvedAlias(): number | undefined {
    let offset: number | undefined;
    visit(this.#document, {
      Alias: (_key, alias) => {
        if (alias.resolve(this.#document) !== undefined) return undefined;
        offset = startOf(alias) ?? 0;
        return visit.BREAK;
      },
    });
    return offset;
  }

  #atOffset(offset: number, text: string): string {
    const { line, col } = this.#lines.linePos(offset);
    return `${this.file}:${line}:${col}: ${text}`;
  }

  #find(path: Path): number {
    let node: unknown = this.#document.contents;
    let offset = 0;
    for (const part of path) {
      if (isAlias(node)) node = node.resolve(this.#document);
      if (isMap(node)) {
        const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(part));
        if (pair === undefined) break;
        offset = startOf(pair.key) ?? offset;
        node = pair.value;
      } else if (isSeq(node)) {
        node = node.items[Number(part)];
        offset = startOf(node) ?? offset;
      } else break;
    }
    return offset;
  }
}

function startOf(node: unknown): number | undefined {
  if (typeof node !== 'object' || node === null || !('range' in node) || !Array.isArray(node.range)) return undefined;
  const start: unknown = node.range[0];
  return typeof start === 'number' ? start : undefined;
}

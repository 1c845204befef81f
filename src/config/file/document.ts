import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, visit } from 'yaml';
import { isObject } from '../../values/is-object.ts';
import { dotted, type Path } from './findings.ts';

/** What follows a colon in a message of the parser is a piece of the file, which may be a secret. */
const BEFORE_SOURCE = /^[^:\n]*/;

/** The parsed file with line and column of every key, for messages: `@opentelemetry/configuration` does not keep them. */
export class ConfigDocument {
  readonly file: string;
  readonly #lines = new LineCounter();
  readonly #document: Document.Parsed;

  constructor(file: string, text: string) {
    this.file = file;
    this.#document = parseDocument(text, { version: '1.2', lineCounter: this.#lines, prettyErrors: false });
  }

  /** Why it is not valid YAML; undefined if it is. */
  get problem(): string | undefined {
    const [error] = this.#document.errors;
    if (error !== undefined)
      return this.#atOffset(error.pos[0], BEFORE_SOURCE.exec(error.message)?.[0].trim() ?? error.code);
    const alias = this.#unresolvedAlias();
    if (alias !== undefined) return this.#atOffset(alias, 'expected an anchor of this name before the alias');
    return this.#document.contents === null ? `${this.file}: expected a configuration (the file is empty)` : undefined;
  }

  /** The values as they are written, without substitution. @throws ReferenceError when aliases expand without bound (yaml's `maxAliasCount`) */
  toJS(): unknown {
    return this.#document.toJS();
  }

  /** `otel.yaml:7:9: tracer_provider.processors[0]: …`; for a missing key, line and column of what should contain it. */
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
  if (!isObject(node) || !('range' in node) || !Array.isArray(node.range)) return undefined;
  const start: unknown = node.range[0];
  return typeof start === 'number' ? start : undefined;
}

/** Where something stands in the file: keys, and indices of lists. */
export type Path = readonly (string | number)[];

interface Finding {
  readonly path: Path;
  readonly text: string;
}

/** `tracer_provider.processors[0].batch` */
export function dotted(path: Path): string {
  return path
    .map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index === 0 ? '' : '.'}${part}`))
    .join('');
}

interface Section {
  readonly path: Path;
  /** What was asked for, present or not. */
  readonly keys: Set<string>;
  readonly present: readonly string[];
}

/** What came up while a file was mapped, each with its place. */
export class Findings {
  /** Values that are not valid. One is enough for the whole file to be refused. */
  readonly problems: Finding[] = [];
  /** What is valid and yet not done, with what happens instead. */
  readonly warnings: Finding[] = [];
  /** `key=value` of everything that holds, without secrets. */
  readonly values: string[] = [];
  readonly #sections = new Map<string, Section>();

  /** The keys below a place that the mapping asks for. */
  section(path: Path, present: readonly string[]): Section {
    const name = dotted(path);
    let section = this.#sections.get(name);
    if (section === undefined) {
      section = { path, keys: new Set(), present };
      this.#sections.set(name, section);
    }
    return section;
  }

  get sections(): readonly Section[] {
    return [...this.#sections.values()];
  }

  /** Keys of the file that nothing has asked for. */
  unknownKeys(path: Path): readonly string[] {
    const section = this.#sections.get(dotted(path));
    return section === undefined ? [] : section.present.filter((key) => !section.keys.has(key));
  }

  /** The keys that may stand at a place, for a message about one that may not. */
  expectedKeys(path: Path): string {
    return [...(this.#sections.get(dotted(path))?.keys ?? [])].toSorted().join(', ');
  }
}

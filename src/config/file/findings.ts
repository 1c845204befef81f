/** The position of a value in the file: keys, and indices in lists. */
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
  /** The keys that the mapping asked for, present or not. */
  readonly keys: Set<string>;
  readonly present: readonly string[];
}

/** What was found while a file was mapped to a `Config`, each with its position. */
export class Findings {
  /** Invalid values. A single one makes the whole file invalid. */
  readonly problems: Finding[] = [];
  /** What is valid but not supported, with what happens instead. */
  readonly warnings: Finding[] = [];
  /** `key=value` for everything that applies, without secrets. */
  readonly values: string[] = [];
  readonly #sections = new Map<string, Section>();

  /** Which keys of a mapping the file has, and which were asked for. */
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

  /** Keys of the file that were never asked for. */
  unknownKeys(path: Path): readonly string[] {
    const section = this.#sections.get(dotted(path));
    return section === undefined ? [] : section.present.filter((key) => !section.keys.has(key));
  }

  /** The keys that are allowed in a mapping, for the message about an unknown one. */
  expectedKeys(path: Path): string {
    return [...(this.#sections.get(dotted(path))?.keys ?? [])].toSorted().join(', ');
  }
}

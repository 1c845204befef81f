import { isObject } from '../../values/is-object.ts';
import type { Parsed } from '../parse.ts';
import { dotted, type Findings, type Path } from './findings.ts';

/** A key or list item of the file with its value, after substitution and validation by the schema. */
export class Entry {
  readonly path: Path;
  readonly value: unknown;
  readonly findings: Findings;

  constructor(value: unknown, path: Path, findings: Findings) {
    this.value = value;
    this.path = path;
    this.findings = findings;
  }

  /** Whether the key is in the file; its value may be null, as in `console:`. */
  get isPresent(): boolean {
    return this.value !== undefined;
  }

  /** Whether there is a value. Omitted and null mean the same for every plain value: the default (specification, "Create"). */
  get isGiven(): boolean {
    return this.value !== undefined && this.value !== null;
  }

  key(name: string): Entry {
    this.#section().keys.add(name);
    return new Entry(this.#members()[name], [...this.path, name], this.findings);
  }

  /** A key of the schema that has no effect in swansong; `outcome` says what happens instead. */
  unsupported(name: string, outcome: string): void {
    const entry = this.key(name);
    if (entry.isPresent) entry.warn(outcome);
  }

  /** The keys that were not asked for so far. The schema allows them where it allows components of third parties. */
  others(): readonly Entry[] {
    const { keys, present } = this.#section();
    return present.filter((name) => !keys.has(name)).map((name) => this.key(name));
  }

  items(): readonly Entry[] {
    const { value } = this;
    if (!Array.isArray(value)) return [];
    return value.map((item: unknown, index) => new Entry(item, [...this.path, index], this.findings));
  }

  /** The value; undefined if it is omitted or null, and if it is invalid, which is added to the problems of the file. */
  read<T>(parse: (value: unknown) => Parsed<T>, show: (value: T) => string = String): T | undefined {
    if (!this.isGiven) return undefined;
    const { value, problem } = parse(this.value);
    if (problem !== undefined) this.refuse(problem);
    if (value === undefined || problem !== undefined) return undefined;
    this.show(show(value));
    return value;
  }

  show(text: string): void {
    this.findings.values.push(`${dotted(this.path)}=${text}`);
  }

  warn(text: string): void {
    this.findings.warnings.push({ path: this.path, text });
  }

  refuse(text: string): void {
    this.findings.problems.push({ path: this.path, text });
  }

  #members(): Readonly<Record<string, unknown>> {
    const { value } = this;
    return isObject(value) && !Array.isArray(value) ? { ...value } : {};
  }

  #section(): ReturnType<Findings['section']> {
    return this.findings.section(this.path, Object.keys(this.#members()));
  }
}

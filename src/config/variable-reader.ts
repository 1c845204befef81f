import type { InstrumentationOptions } from './config.ts';
import { parseAddress } from './parse-address.ts';
import { parseAttributes, parseHeaders } from './parse-pairs.ts';
import { parseHosts, parseList, parsePackages } from './parse-list.ts';
import type { Parsed } from './parse.ts';
import { parseBoolean, parsed, parseEnum, parseFile, parseInteger, parsePath, parseRatio } from './parse.ts';
import { parseCollectorUrl } from './parse-url.ts';
import { showValue } from './show-value.ts';
import { type ChoiceOf, type NameOf, rows, type VariableName, variables } from './variables.ts';
import type { VariableValue } from './variable.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

const PARSE_PLACE: Readonly<Record<'file' | 'address' | 'collector', (raw: string) => Parsed<string>>> = {
  file: parseFile,
  address: parseAddress,
  collector: parseCollectorUrl,
};

/**
 * Reads variables by the rules of their rows in the table. A variable that is unset or unusable has the value of the variable
 * it inherits from, else its default. Reading one twice is cheap and warns once.
 */
export class VariableReader {
  readonly #environment: Environment;
  readonly #warnings = new Set<string>();
  readonly #effective = new Map<VariableName, VariableValue>();

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  get warnings(): readonly string[] {
    return [...this.#warnings];
  }

  /** The variables that are set, in the order of reading, with the value that applies; `undefined` where they are ignored. */
  get effective(): ReadonlyMap<VariableName, VariableValue> {
    return this.#effective;
  }

  boolean(name: NameOf<'boolean'>): boolean {
    const row = variables[name];
    return this.#read(name, parseBoolean, () => ('inherits' in row ? this.boolean(row.inherits) : row.default));
  }

  /** Milliseconds if the row is a duration or a timeout. */
  integer(name: NameOf<'integer' | 'duration' | 'timeout'>): number {
    const row = variables[name];
    return this.#read(
      name,
      (raw) => parseInteger(raw, row),
      () => {
        if ('inherits' in row) return this.integer(row.inherits);
        return row.default === 'unlimited' ? Infinity : row.default;
      },
    );
  }

  ratio(name: NameOf<'ratio'>): number {
    return this.#read(name, parseRatio, () => variables[name].default);
  }

  enum<Name extends NameOf<'enum'>>(name: Name): ChoiceOf<Name> {
    const values: readonly ChoiceOf<Name>[] = variables[name].values;
    const row = variables[name];
    return this.#read<ChoiceOf<Name>>(
      name,
      (raw) => parseEnum(raw, values),
      () => ('inherits' in row ? this.enum(row.inherits) : row.default),
    );
  }

  list<Name extends NameOf<'list'>>(name: Name): readonly ChoiceOf<Name>[] {
    const row = variables[name];
    const values: readonly ChoiceOf<Name>[] = row.values;
    const fallback: readonly ChoiceOf<Name>[] = row.default;
    return this.#read(
      name,
      (raw) => parseList(raw, values, 'all' in row),
      () => fallback,
    );
  }

  filter<Name extends NameOf<'filter'>>(name: Name): readonly ChoiceOf<Name>[] | undefined {
    const values: readonly ChoiceOf<Name>[] = variables[name].values;
    const unset: readonly ChoiceOf<Name>[] | undefined = undefined;
    return this.#read<readonly ChoiceOf<Name>[] | undefined>(
      name,
      (raw) => {
        const { value, problem } = parseList(raw, values, false);
        return { value: value ?? [], problem };
      },
      () => unset,
    );
  }

  packages(name: NameOf<'packages'>): readonly string[] {
    return this.#read(name, parsePackages, () => []);
  }

  /** The caller gives the parser: which names may have options depends on another variable. */
  options(
    name: NameOf<'options'>,
    parse: (raw: string) => Parsed<Readonly<Record<string, InstrumentationOptions>>>,
  ): Readonly<Record<string, InstrumentationOptions>> {
    return this.#read<Readonly<Record<string, InstrumentationOptions>>>(name, parse, () => ({}));
  }

  hosts(name: NameOf<'hosts'>): readonly string[] {
    return this.#read(name, parseHosts, () => []);
  }

  string(name: NameOf<'string'>): string | undefined {
    return this.#read<string | undefined>(name, parsed, () => undefined);
  }

  path(name: NameOf<'path'>): string | undefined {
    const row = variables[name];
    return this.#read<string | undefined>(name, parsePath, () =>
      'inherits' in row ? this.path(row.inherits) : undefined,
    );
  }

  /** In the form that `parseFile`, `parseAddress` or `parseCollectorUrl` returns. */
  place(name: NameOf<'file' | 'address' | 'collector'>): string | undefined {
    return this.#read<string | undefined>(name, PARSE_PLACE[variables[name].kind], () => undefined);
  }

  /** The caller gives parser and fallback: both depend on the protocol. */
  url(name: NameOf<'url'>, parse: (raw: string) => Parsed<string>, fallback: string): string {
    return this.#read(name, parse, () => fallback);
  }

  /** Only the variable's own headers: the caller merges them with those of the general variable. */
  headers(name: NameOf<'headers'>): Readonly<Record<string, string>> {
    return this.#read<Readonly<Record<string, string>>>(name, parseHeaders, () => ({}));
  }

  attributes(name: NameOf<'attributes'>): Readonly<Record<string, string>> {
    return this.#read<Readonly<Record<string, string>>>(name, parseAttributes, () => ({}));
  }

  /** The integer; if it exceeds the value of `bound`, that value, with a warning. */
  integerAtMost(name: NameOf<'integer'>, bound: NameOf<'integer'>): number {
    const wanted = this.integer(name);
    const most = this.integer(bound);
    if (wanted <= most) return wanted;
    const got = this.#effective.has(name) ? wanted : `the default ${wanted}`;
    this.#warnings.add(`${name}: expected at most ${bound} (got ${got}), using ${most}`);
    if (this.#effective.has(name)) this.#effective.set(name, most);
    return most;
  }

  /** Warns if a variable that is not in the table is set; `outcome` says why it is ignored and what happens instead. */
  ignore(name: string, outcome: string): void {
    if ((this.#environment[name] ?? '').trim() !== '') this.#warnings.add(`${name}: ${outcome}`);
  }

  #read<Value extends VariableValue>(
    name: VariableName,
    parse: (raw: string) => Parsed<Value>,
    fallback: () => Value,
  ): Value {
    const raw = this.#environment[name]?.trim();
    // Computed even if unused: a general variable that every signal overrides is still checked and described.
    const otherwise = fallback();
    if (raw === undefined || raw === '') return otherwise;
    const { value: own, problem } = parse(raw);
    const value = own === undefined ? otherwise : own;
    if (problem !== undefined) {
      const outcome = value === undefined ? 'ignoring it' : `using ${showValue(rows[name], value)}`;
      this.#warnings.add(`${name}: ${problem}, ${outcome}`);
    }
    this.#effective.set(name, value);
    return value;
  }
}

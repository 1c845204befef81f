import type { InstrumentationOptions } from './config.ts';

interface Described {
  /** One line for users; README shows it. */
  readonly description: string;
  /** The value never appears in a warning, a description or a log line. */
  readonly secret?: true;
  /** The variable whose value is used when this one is unset or unusable, in place of a default. */
  readonly inherits?: string;
}

/** Spec "Boolean": only case-insensitive `true` is true; anything else is false, with a warning unless it is `false`. */
interface BooleanVariable extends Described {
  readonly kind: 'boolean';
  readonly default?: false;
}

/** Spec "Integer": 0 (or `min`) to 2147483647. */
export interface IntegerVariable extends Described {
  readonly kind: 'integer';
  readonly min?: number;
  readonly default?: number | 'unlimited';
}

/** Spec "Duration": milliseconds. */
export interface DurationVariable extends Described {
  readonly kind: 'duration';
  readonly min?: number;
  readonly default?: number;
}

/** Spec "Timeout": milliseconds, 0 = no limit (`Infinity`). */
export interface TimeoutVariable extends Described {
  readonly kind: 'timeout';
  readonly default?: number;
}

/** A decimal fraction in [0, 1]. */
interface RatioVariable extends Described {
  readonly kind: 'ratio';
  readonly default: number;
}

/** Spec "Enum": case-insensitive; an unknown value is warned about and ignored. */
interface EnumVariable extends Described {
  readonly kind: 'enum';
  readonly values: readonly string[];
  readonly default?: string;
}

/** Comma-separated enum values. `none` anywhere empties the list; with `all`, that word stands for every value. */
interface ListVariable extends Described {
  readonly kind: 'list';
  readonly values: readonly string[];
  readonly all?: true;
  readonly default: readonly string[];
}

/** A list that selects some of the values. Unset means no filter; a list of nothing but unknown names selects none of them. */
interface FilterVariable extends Described {
  readonly kind: 'filter';
  readonly values: readonly string[];
}

/** Comma-separated names of npm packages, or short names of OpenTelemetry's instrumentations. */
interface PackagesVariable extends Described {
  readonly kind: 'packages';
}

/** A JSON object: for each name of an instrumentation an object of options. */
interface OptionsVariable extends Described {
  readonly kind: 'options';
}

/** Comma-separated host names of a server; see `isHostPattern`. */
interface HostsVariable extends Described {
  readonly kind: 'hosts';
}

interface StringVariable extends Described {
  readonly kind: 'string';
}

/** Path of a PEM file. The contents of a PEM file in place of its path are refused and not shown: they may be a private key. */
interface PathVariable extends Described {
  readonly kind: 'path';
}

/** Path of a file that swansong writes. */
interface FileVariable extends Described {
  readonly kind: 'file';
}

/** Where a server of swansong listens: a port of the loopback interface, or `host:port`. */
interface AddressVariable extends Described {
  readonly kind: 'address';
}

/** http or https URL of a collector; unset means off. */
interface CollectorVariable extends Described {
  readonly kind: 'collector';
}

/** http or https URL; with the protocol gRPC also `host:port`. */
interface UrlVariable extends Described {
  readonly kind: 'url';
  readonly default?: string;
}

/** `name=value,…` as in a W3C baggage header without metadata, values percent-encoded; an invalid item is ignored alone. */
interface HeadersVariable extends Described {
  readonly kind: 'headers';
}

/** `key=value,…`, percent-encoded; one invalid item discards the whole value (spec, resource/sdk.md). */
interface AttributesVariable extends Described {
  readonly kind: 'attributes';
}

/** One row of the table in `variables.ts`. */
export type Variable =
  | BooleanVariable
  | IntegerVariable
  | DurationVariable
  | TimeoutVariable
  | RatioVariable
  | EnumVariable
  | ListVariable
  | FilterVariable
  | PackagesVariable
  | OptionsVariable
  | HostsVariable
  | StringVariable
  | PathVariable
  | FileVariable
  | AddressVariable
  | CollectorVariable
  | UrlVariable
  | HeadersVariable
  | AttributesVariable;

/** The type of a parsed variable of any kind; `undefined` means unset. */
export type VariableValue =
  | boolean
  | number
  | string
  | readonly string[]
  | Readonly<Record<string, string>>
  | Readonly<Record<string, InstrumentationOptions>>
  | undefined;

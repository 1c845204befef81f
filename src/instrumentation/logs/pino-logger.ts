import { isObject } from '../../values/is-object.ts';
import { read } from '../../values/read.ts';
import { pinoSeverity, type Severity } from './severity.ts';

/** Options of a logger of pino: under which keys its lines have what. */
export interface PinoKeys {
  readonly message: string;
  readonly error: string;
  /** What the fields of the call are under; undefined if they are not nested. */
  readonly nested: string | undefined;
}

const NAMES = { message: 'pino.messageKey', error: 'pino.errorKey', nested: 'pino.nestedKey' } as const;
type Symbols = Readonly<Record<keyof typeof NAMES, symbol>>;

/** Each copy of pino has symbols of its own for its options, by which all of its loggers, children too, are asked. */
const symbolsOfCopies: Symbols[] = [];
const MAX_COPIES = 16;
/** A child is one prototype further from the options than its parent. */
const MAX_GENERATIONS = 1000;

export function keysOf(logger: object): PinoKeys {
  const symbols = symbolsOf(logger);
  const text = (key: keyof Symbols): string | undefined => {
    const value: unknown = symbols === undefined ? undefined : Reflect.get(logger, symbols[key]);
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  return { message: text('message') ?? 'msg', error: text('error') ?? 'err', nested: text('nested') };
}

function symbolsOf(logger: object): Symbols | undefined {
  const known = symbolsOfCopies.find(({ message }) => typeof Reflect.get(logger, message) === 'string');
  if (known !== undefined) return known;
  let holder: unknown = logger;
  for (let generation = 0; generation < MAX_GENERATIONS && isObject(holder); generation += 1) {
    const symbols = Object.getOwnPropertySymbols(holder);
    const named = (name: string): symbol | undefined => symbols.find(({ description }) => description === name);
    const [message, error, nested] = [named(NAMES.message), named(NAMES.error), named(NAMES.nested)];
    if (message !== undefined && error !== undefined && nested !== undefined) {
      const found: Symbols = { message, error, nested };
      if (symbolsOfCopies.length < MAX_COPIES) symbolsOfCopies.push(found);
      return found;
    }
    holder = Object.getPrototypeOf(holder);
  }
  return undefined;
}

/** By the label that the logger has for the number. */
export function severityIn(logger: object, level: unknown): Severity {
  const number = typeof level === 'number' ? level : Number.NaN;
  const label = read(read(read(logger, 'levels'), 'labels'), String(number));
  return pinoSeverity(number, typeof label === 'string' ? label : undefined);
}

const HOOKS = Symbol.for('pino.hooks');

/** The line as it is written: the application's hook `streamWrite` may take secrets out of the text. */
export function writtenLine(logger: object, line: string): string {
  const streamWrite = read(Reflect.get(logger, HOOKS), 'streamWrite');
  if (typeof streamWrite !== 'function') return line;
  const written: unknown = streamWrite(line);
  return String(written);
}

import { inspect, type InspectOptions, types } from 'node:util';
import { exceptionType, objectLabel, ownMessage } from './exception-label.ts';
import { className, isErrorLike, primitiveText, readData, readProperty } from './exception-read.ts';
import { isObjectOrFunction } from '../values/is-object.ts';
import { cutText, MAX_MESSAGE } from './exception-text.ts';

/** Characters of all stacks in a tree of errors together. */
const MAX_STACK_CHARACTERS = 65_536;
/** Each stack counts for at least this many, so that at most 64 errors are shown. */
const MIN_STACK_CHARACTERS = 1024;
const MAX_STRING = 1024;
const MAX_INNER_ERRORS = 16;
const MAX_PROPERTIES = 32;
const MAX_ITEMS = 100;
/** Causes that are counted when they are not shown. */
const MAX_COUNTED_CAUSES = 10_000;

const OPTIONS: InspectOptions = {
  showHidden: false,
  depth: Infinity,
  colors: false,
  customInspect: true,
  showProxy: false,
  maxArrayLength: Infinity,
  maxStringLength: MAX_STRING,
  breakLength: 128,
  compact: 3,
  sorted: false,
  getters: false,
  numericSeparator: false,
};

/**
 * An error as Node prints it: stack, own properties, cause chain and inner errors.
 *
 * `util.inspect` runs code of the object it shows (getters, `util.inspect.custom`, `Symbol.hasInstance`, `Symbol.toStringTag`,
 * the traps of a Proxy) and its output is unbounded. So it gets a copy with the same stacks, names and properties as plain data
 * and with prototypes made here. The error itself is only read.
 */
export function inspectError(error: object): string {
  return inspect(new Snapshot().error(error), OPTIONS);
}

/** A thrown object or array that is not an error: its own properties, one level deep. */
export function inspectObject(value: object): string {
  return inspect(new Snapshot().object(value), OPTIONS);
}

/** `util.inspect` shows the target of a Proxy without running traps; before Node 26 not that of a Proxy around a Proxy. */
export function inspectProxy(proxy: object): string {
  let text = inspect(proxy, { ...OPTIONS, customInspect: false, depth: 0, maxArrayLength: MAX_ITEMS });
  while (text.startsWith('Proxy(')) text = text.slice('Proxy('.length, -1);
  return text;
}

class Snapshot {
  #charactersLeft = MAX_STACK_CHARACTERS;
  readonly #copies = new Map<object, Error>();
  /** Errors that are being copied: meeting one of them again is a cycle, which `inspect` marks. */
  readonly #inProgress = new Set<object>();

  error(original: object): object {
    const known = this.#copies.get(original);
    // An error that is reached twice is shown once: in a chain with two links to each next error the last would be shown 2^n times.
    if (known !== undefined) return this.#inProgress.has(original) ? known : verbatim(objectLabel(original));
    if (this.#charactersLeft < MIN_STACK_CHARACTERS) return verbatim(labelWithCauses(original));
    const copy: Error = new Error();
    Object.setPrototypeOf(copy, prototypeNamed(classOfCopy(original)));
    this.#copies.set(original, copy);
    this.#inProgress.add(original);
    const message = ownMessage(original) ?? '';
    const name = readProperty(original, 'name');
    setHidden(copy, 'stack', this.#takeStack(original, message));
    setHidden(
      copy,
      'name',
      isObjectOrFunction(name) ? objectLabel(name) : cutText(primitiveText(name ?? 'Error'), MAX_STRING),
    );
    setHidden(copy, 'message', cutText(message, MAX_MESSAGE));
    this.#copyProperties(original, copy);
    this.#copyInner(original, copy);
    this.#inProgress.delete(original);
    return copy;
  }

  object(original: object): object {
    if (Array.isArray(original)) return this.#list(original, MAX_ITEMS, (item) => this.#shallow(item));
    if (hasIndexKeys(original)) return verbatim(objectLabel(original));
    const copy: object = Object.create(prototypeNamed(className(original) || 'Object'));
    this.#copyProperties(original, copy);
    return copy;
  }

  /**
   * At most half of the characters that are left, so that some remain for the causes. The message is cut separately, so that
   * frames remain.
   */
  #takeStack(error: object, message: string): string | undefined {
    const stack = readProperty(error, 'stack');
    const room = Math.max(MIN_STACK_CHARACTERS, Math.floor(this.#charactersLeft / 2));
    let text: string | undefined;
    if (typeof stack === 'string' && stack !== '') {
      const short = message.length > MAX_MESSAGE ? stack.replace(message, () => cutText(message, MAX_MESSAGE)) : stack;
      text = cutText(short, room);
    }
    this.#charactersLeft -= Math.max(MIN_STACK_CHARACTERS, text?.length ?? 0);
    return text;
  }

  #copyProperties(original: object, copy: object): void {
    const keys = hasIndexKeys(original) ? [] : Object.keys(original);
    for (const key of keys.slice(0, MAX_PROPERTIES)) {
      const descriptor = Object.getOwnPropertyDescriptor(original, key);
      if (key === 'stack' || descriptor === undefined) continue;
      setShown(
        copy,
        key,
        'value' in descriptor ? this.#shallow(descriptor.value) : verbatim(accessorLabel(descriptor)),
      );
    }
    if (keys.length > MAX_PROPERTIES)
      setShown(copy, '...', verbatim(`${keys.length - MAX_PROPERTIES} more properties`));
  }

  #copyInner(original: object, copy: object): void {
    const cause = readProperty(original, 'cause');
    // Older libraries (VError) have a method `cause()`.
    if (cause !== undefined && typeof cause !== 'function')
      setWithEnumerabilityOf(original, copy, 'cause', this.#deep(cause));
    const inner = readProperty(original, 'errors');
    if (types.isProxy(inner) || !Array.isArray(inner)) return;
    setWithEnumerabilityOf(
      original,
      copy,
      'errors',
      this.#list(inner, MAX_INNER_ERRORS, (item) => this.#deep(item)),
    );
  }

  #list(original: readonly unknown[], limit: number, copyItem: (item: unknown) => unknown): unknown[] {
    const list: unknown[] = [];
    for (let index = 0; index < Math.min(original.length, limit); index += 1) {
      list.push(copyItem(Object.getOwnPropertyDescriptor(original, index)?.value));
    }
    if (original.length > limit) list.push(verbatim(`... ${original.length - limit} more items`));
    return list;
  }

  #deep(value: unknown): unknown {
    return isErrorLike(value) ? this.error(value) : this.#shallow(value);
  }

  #shallow(value: unknown): unknown {
    if (isObjectOrFunction(value)) return verbatim(objectLabel(value));
    return typeof value === 'bigint' || typeof value === 'symbol'
      ? verbatim(cutText(`${primitiveText(value)}${typeof value === 'bigint' ? 'n' : ''}`, MAX_STRING))
      : value;
  }
}

/** A plain object with `stack` and `message` is shown as an error: `inspect` decides by the class name. */
function classOfCopy(error: object): string {
  const candidates = [className(error), exceptionType(error)];
  return candidates.find((name) => name !== '' && name !== 'Object') ?? 'Error';
}

/** For an error beyond the limit: its label, the number of its causes and the last of them, the original failure. */
function labelWithCauses(error: object): string {
  const passed = new Set<object>([error]);
  let last = error;
  while (passed.size <= MAX_COUNTED_CAUSES) {
    const cause = readData(last, 'cause');
    if (!isErrorLike(cause) || passed.has(cause)) break;
    passed.add(cause);
    last = cause;
  }
  const causes = passed.size - 1;
  if (causes === 0) return objectLabel(error);
  const count = causes < MAX_COUNTED_CAUSES ? String(causes) : `${causes} or more`;
  return `${objectLabel(error)} [... ${count} causes not shown, the last: ${objectLabel(last)} ...]`;
}

/** The keys of an array, of bytes and of a boxed string are its indexes: there may be a billion. */
function hasIndexKeys(value: object): boolean {
  return Array.isArray(value) || ArrayBuffer.isView(value) || types.isBoxedPrimitive(value);
}

/** An object that `inspect` shows as exactly this text. */
function verbatim(text: string): object {
  return Object.create(null, { [inspect.custom]: { value: () => text } });
}

/** A prototype from which `inspect` can read a class name, with nothing that the application could have changed. */
function prototypeNamed(name: string): object {
  const constructor = function (): void {};
  Object.defineProperty(constructor, 'name', { value: cutText(name, MAX_STRING) });
  const prototype: object = Object.create(null, { constructor: { value: constructor } });
  constructor.prototype = prototype;
  return prototype;
}

function accessorLabel(accessor: PropertyDescriptor): string {
  if (accessor.get === undefined) return '[Setter]';
  return accessor.set === undefined ? '[Getter]' : '[Getter/Setter]';
}

function setHidden(target: object, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, enumerable: false, configurable: true });
}

function setShown(target: object, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, enumerable: true, configurable: true });
}

/** Copies the enumerability: `inspect` shows a hidden property as `[cause]`, an enumerable one as `cause`. */
function setWithEnumerabilityOf(original: object, copy: object, key: string, value: unknown): void {
  if (Object.prototype.propertyIsEnumerable.call(original, key)) setShown(copy, key, value);
  else setHidden(copy, key, value);
}

import { isObject } from '../../../values/is-object.ts';
import { read } from '../../../values/read.ts';
import { isMethod, type Method } from './replace-method.ts';

interface Replaced {
  /** The arguments of `client.query()`, with the callback replaced. */
  readonly args: unknown[];
  /** To be called after pg has taken them. */
  readonly undo: () => void;
}

/**
 * Replaces the callback of `client.query(config, values?, callback?)`, found as pg finds it: the third argument, the second, or
 * `config.callback`. The caller's object is not changed.
 *
 * @returns undefined if there is none; also where pg will throw since it is no function
 */
export function replaceCallback(
  args: readonly unknown[],
  replacementOf: (callback: Method) => Method,
): Replaced | undefined {
  const [config, values, callback] = args;
  const position = callback ? 2 : isMethod(values) ? 1 : 0;
  const original = position === 0 ? read(config, 'callback') : args[position];
  if (!isMethod(original)) return undefined;
  const replacement = replacementOf(original);
  const replaced = [...args];
  if (position > 0) {
    replaced[position] = replacement;
    return {
      args: replaced,
      // Versions before 8.23 keep the callback in the caller's object.
      undo() {
        if (isObject(config) && read(config, 'callback') === replacement) Reflect.set(config, 'callback', original);
      },
    };
  }
  if (!isObject(config)) return undefined;
  const value: unknown = Object.create(Reflect.getPrototypeOf(config), {
    ...Object.getOwnPropertyDescriptors(config),
    callback: { value: replacement, configurable: true, enumerable: true, writable: true },
  });
  replaced[0] = value;
  return { args: replaced, undo() {} };
}

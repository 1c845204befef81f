import { isTextOrMissing, text } from '../../otlp/mend-items.ts';
import { isObject } from '../../values/is-object.ts';
import { guardClassOf, replaceMethod, warn, warnOfError } from './guarded-method.ts';

/**
 * Guards `getTracer()`, `getMeter()` and `getLogger()`: an invalid name becomes the empty one, with a warning (trace API, "Get a
 * Tracer").
 * @param guardScoped guards the class of the object that they return
 */
export function guardProvider(
  provider: object,
  method: 'getTracer' | 'getMeter' | 'getLogger',
  guardScoped: (prototype: object) => void,
): void {
  // After `shutdown()` the SDK returns no-op objects of the API: their class needs no guard.
  let isFirst = true;
  replaceMethod(
    provider,
    method,
    (original) =>
      function (this: unknown, name: unknown, version: unknown, options: unknown): unknown {
        const get = (...parameters: unknown[]): unknown => original.apply(this, parameters);
        const scoped = getScoped(get, method, name, version, options);
        if (isFirst) guardClassOf(scoped, guardScoped);
        isFirst = false;
        return scoped;
      },
  );
}

function getScoped(
  get: (...parameters: unknown[]) => unknown,
  method: string,
  name: unknown,
  version: unknown,
  options: unknown,
): unknown {
  try {
    if (typeof name === 'string' && isTextOrMissing(version) && hasTextSchema(options))
      return get(name, version, options);
  } catch {
    // The options cannot be read: tried again below without them.
  }
  warn(method, 'name, version and schema URL must be strings');
  try {
    return get(text(name) ?? '', text(version));
  } catch (error) {
    warnOfError(method, error);
    return get('');
  }
}

function hasTextSchema(options: unknown): boolean {
  return options === undefined || (isObject(options) && isTextOrMissing(Reflect.get(options, 'schemaUrl')));
}

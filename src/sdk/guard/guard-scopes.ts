import { isTextOrMissing, text } from '../../otlp/mend-items.ts';
import { isObject } from '../../values/is-object.ts';
import { guardClassOf, replaceMethod, warn, warnOfError } from './guarded-method.ts';

/**
 * `getTracer()`, `getMeter()` and `getLogger()`: a name that is none becomes the empty one, with a line (trace API, "Get a
 * Tracer").
 * @param guardScoped guards the class of what they return
 */
export function guardProvider(
  provider: object,
  method: 'getTracer' | 'getMeter' | 'getLogger',
  guardScoped: (prototype: object) => void,
): void {
  // After `shutdown()` the SDK returns objects of the API's that do nothing: their class needs no guard.
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
    // Options that cannot be read: without them below.
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

/** Whether a value has properties of its own to be read; a function is told apart by `isObjectOrFunction`. */
export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** Whether a value has an identity: it can be a key of a `WeakMap`. */
export function isObjectOrFunction(value: unknown): value is object {
  return isObject(value) || typeof value === 'function';
}

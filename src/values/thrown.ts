/** The value itself if it is an Error, else an Error with `message` (default: the value's text) and the value as `cause`. */
export function toError(value: unknown, message?: string): Error {
  return value instanceof Error ? value : new Error(message ?? messageOf(value), { cause: value });
}

/** The message of an Error, the text of any other value. Never throws. */
export function messageOf(value: unknown): string {
  try {
    return value instanceof Error ? value.message : String(value);
  } catch {
    return 'threw a value that cannot be shown';
  }
}

/** The `code` of an Error of Node (`ENOENT`, `ERR_…`, `Z_…`); undefined for everything else. */
export function errorCode(value: unknown): string | undefined {
  return value instanceof Error && 'code' in value && typeof value.code === 'string' ? value.code : undefined;
}

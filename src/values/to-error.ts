/** What was thrown or given as a reason, as an Error; what is none becomes the `cause` of one with `message`. */
export function toError(value: unknown, message?: string): Error {
  return value instanceof Error ? value : new Error(message ?? messageOf(value), { cause: value });
}

/** The message of an Error, the text of any other value; never throws, whatever was thrown. */
export function messageOf(value: unknown): string {
  try {
    return value instanceof Error ? value.message : String(value);
  } catch {
    return 'threw what cannot be shown';
  }
}

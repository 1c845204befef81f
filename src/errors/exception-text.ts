/** Characters of an exception's message. */
export const MAX_MESSAGE = 8192;
/** Characters of its stacktrace. */
export const MAX_STACKTRACE = 65_536;
/** Room for the mark within the limit: no length of a string has more than ten digits. */
const MARK_CHARACTERS = 48;

/**
 * `text` in at most `limit` characters (UTF-16 units), well-formed. The middle is what goes: the beginning says what happened,
 * the innermost cause is at the end.
 */
export function cutText(text: string, limit: number): string {
  if (text.length <= limit) return text.toWellFormed();
  const kept = limit - MARK_CHARACTERS;
  const tail = Math.floor(kept / 4);
  const mark = ` [... ${text.length - kept} characters not shown ...] `;
  return `${text.slice(0, kept - tail)}${mark}${text.slice(text.length - tail)}`.toWellFormed();
}

/** What stands before the first frame of a stack. */
export function headOfStack(stack: string): string {
  const frames = stack.indexOf('\n    at ');
  return frames === -1 ? stack : stack.slice(0, frames);
}

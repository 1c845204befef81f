/** Characters of an exception's message. */
export const MAX_MESSAGE = 8192;
/** Characters of its stacktrace. */
export const MAX_STACKTRACE = 65_536;
/** Characters reserved for the mark: a string's length has at most ten digits. */
const MARK_CHARACTERS = 48;

/**
 * `text` in at most `limit` characters (UTF-16 units), well-formed. The middle is cut out: the beginning is the error itself,
 * the end its innermost cause.
 */
export function cutText(text: string, limit: number): string {
  if (text.length <= limit) return text.toWellFormed();
  const kept = limit - MARK_CHARACTERS;
  const tail = Math.floor(kept / 4);
  const mark = ` [... ${text.length - kept} characters not shown ...] `;
  return `${text.slice(0, kept - tail)}${mark}${text.slice(text.length - tail)}`.toWellFormed();
}

/** The part of a stack before the first frame. */
export function headOfStack(stack: string): string {
  const frames = stack.indexOf('\n    at ');
  return frames === -1 ? stack : stack.slice(0, frames);
}

const LONGEST_SHOWN = 100;

/** A value as warnings and descriptions show it: quoted, so that nothing in it acts on a terminal, and cut when it is long. */
export function quote(value: string): string {
  return JSON.stringify(value.length > LONGEST_SHOWN ? `${value.slice(0, LONGEST_SHOWN)}…` : value);
}

/**
 * A URL, or what was meant as one, without what may be a secret in it: user information, query and fragment.
 * Works on the text and takes everything before the last `@` for user information: a password with a bare `/` or `#`
 * parses as part of another component, or not at all, and must not show either.
 */
export function redactUrl(url: string): string {
  const at = url.lastIndexOf('@');
  const scheme = /^https?:\/\//i.exec(url)?.[0] ?? '';
  const visible = at === -1 ? url : `${scheme}[redacted]${url.slice(at)}`;
  const query = visible.search(/[?#]/);
  return query === -1 ? visible : `${visible.slice(0, query + 1)}[redacted]`;
}

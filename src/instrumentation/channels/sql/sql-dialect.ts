/** How a database splits a statement into its pieces. */
export interface SqlDialect {
  /**
   * A piece at a position: 1 white space, a comment of one line, or the beginning of another comment; 2 a literal; 3 the delimiter of a
   * literal; 4 a name; 5 what the rest of the statement depends on in a way that is not known here. Literals may lack their end, since
   * the text may have been cut. Groups with names would double the time.
   */
  readonly piece: RegExp;
  /** Whether a comment can contain another one. */
  readonly commentsNest: boolean;
}

const LETTER = String.raw`A-Za-z_\u0080-\uffff`;
const NAME = String.raw`[${LETTER}][\w$\u0080-\uffff]*`;
/** With what comes behind it without a space, such as the digits of `0xFF`. */
const NUMBER = String.raw`(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?\w*`;
/** In it, the quote is written twice. */
const quoted = (quote: string): string => `${quote}(?:[^${quote}]|${quote}${quote})*${quote}?`;
/** In it, the quote is written twice or behind a backslash. */
const escaped = (quote: string): string => String.raw`${quote}(?:[^${quote}\\]|\\[\s\S]|${quote}${quote})*${quote}?`;
const NONE = '(?!)';

/** PostgreSQL, with `standard_conforming_strings` on, its default. */
export const POSTGRESQL: SqlDialect = {
  piece: new RegExp(
    [
      String.raw`(\s+|--[^\n]*|\/\*)`,
      `([eE]${escaped("'")}|(?:[bBnNxX]|[uU]&)?${quoted("'")}|${NUMBER})`,
      String.raw`(\$(?:[${LETTER}][\w\u0080-\uffff]*)?\$)`,
      `((?:[uU]&)?${quoted('"')}|${NAME})`,
      `(${NONE})`,
      String.raw`\$\d+|::|[\s\S]`,
    ].join('|'),
    'y',
  ),
  commentsNest: true,
};

/**
 * MySQL and MariaDB, without the modes NO_BACKSLASH_ESCAPES and ANSI_QUOTES; with the latter, quoted names count as literals. Whether
 * `/*! ... *\/` is a comment depends on the server's version, and whether `$$` is a quote on that and on the kind of statement.
 */
export const MYSQL: SqlDialect = {
  piece: new RegExp(
    [
      String.raw`(\s+|#[^\n]*|--(?=[\0-\x20\x7f]|$)[^\n]*|\/\*(?!M?!))`,
      `([bBnNxX]?${escaped("'")}|${escaped('"')}|${NUMBER})`,
      `(${NONE})`,
      `(${quoted('`')}|${NAME})`,
      String.raw`(\/\*M?!|\$\w*\$)`,
      String.raw`[\s\S]`,
    ].join('|'),
    'y',
  ),
  commentsNest: false,
};

/** SQLite. Between double quotes is a name, as its own default is in Node (`enableDoubleQuotedStringLiterals`). */
export const SQLITE: SqlDialect = {
  piece: new RegExp(
    [
      String.raw`(\s+|--[^\n]*|\/\*)`,
      `([xX]?${quoted("'")}|${NUMBER})`,
      `(${NONE})`,
      String.raw`(${quoted('"')}|${quoted('`')}|\[[^\]]*\]?|${NAME})`,
      `(${NONE})`,
      String.raw`[?:@$]\w+|[\s\S]`,
    ].join('|'),
    'y',
  ),
  commentsNest: false,
};

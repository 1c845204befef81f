/** What mutation.ts asks of the process that runs the tests. */
export type Order =
  /** Runs every test that imports one of the files, to see what it enters of them. */
  | { readonly kind: 'try'; readonly files: readonly string[] }
  /** Runs tests, one file after another until one fails, with `source` as the text of `file`. */
  | {
      readonly kind: 'test';
      readonly file: string;
      readonly source: string;
      readonly tests: readonly string[];
      /** A single test that takes longer has failed. */
      readonly testTimeoutMillis: number;
    };

export interface TriedTest {
  readonly test: string;
  readonly passed: boolean;
  readonly millis: number;
  /** What the slowest test of the file takes. */
  readonly slowestMillis: number;
  /** Keys of coverage.ts. */
  readonly entered: readonly string[];
}

export type Answer =
  | { readonly kind: 'ready' }
  | { readonly kind: 'tried'; readonly tests: readonly TriedTest[] }
  /** `killedBy`: the test file that failed. */
  | { readonly kind: 'tested'; readonly killedBy: string | undefined };

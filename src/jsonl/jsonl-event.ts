/** What the owner of a file may want to tell: once when it begins, never for each line. */
export type JsonlEvent =
  /** Lines are refused from now on. Each new line is another attempt. */
  | { readonly kind: 'failing'; readonly path: string; readonly error: Error }
  | { readonly kind: 'recovered'; readonly path: string }
  /** The file ended within a line, which a killed process had begun: its bytes were cut off. */
  | { readonly kind: 'repaired'; readonly path: string; readonly bytes: number }
  /** A full file was removed to stay within `maxTotalBytes`. */
  | { readonly kind: 'removed'; readonly path: string; readonly bytes: number };

/** Since the file was opened. */
export interface JsonlCounts {
  /** In the file. */
  readonly lines: number;
  readonly bytes: number;
  /** Not in the file; the caller was told. */
  readonly refused: number;
  readonly waitingBytes: number;
  readonly rotations: number;
  readonly removedFiles: number;
  readonly removedBytes: number;
  readonly repairedBytes: number;
}

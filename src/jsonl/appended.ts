export type Appended =
  | { readonly ok: true }
  | {
      readonly ok: false;
      /** `too-long`: longer than all files may be together, for good. The others may go well another time. */
      readonly reason: 'write-failed' | 'queue-full' | 'too-long' | 'closed';
      readonly error: Error;
    };

export interface JsonlClosed {
  /** Everything that was waiting is in the file, and the file is closed. */
  readonly ok: boolean;
  /** Lines that were not in the file at the deadline; their callers were told. */
  readonly linesLeft: number;
  readonly error: Error | undefined;
}

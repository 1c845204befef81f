/** What became of the file at its end. */
export interface CloseResult {
  /** Every waiting line is in the file, and the file is closed. */
  readonly ok: boolean;
  /** Lines that were not in the file at the deadline; their callers were told. */
  readonly linesLeft: number;
  readonly error: Error | undefined;
}

/** Since the file was opened. */
export interface JsonlCounts {
  /** Lines in the file. */
  readonly lines: number;
  readonly bytes: number;
  /** Lines that are not in the file; their callers were told. */
  readonly refused: number;
  readonly waitingBytes: number;
  readonly rotations: number;
  readonly removedFiles: number;
  readonly removedBytes: number;
  readonly repairedBytes: number;
}

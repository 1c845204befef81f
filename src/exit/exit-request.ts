/** One request that the exit worker sends: plain data, since it crosses into another thread. */
export interface ExitRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly gzip: boolean;
  readonly ca: Uint8Array | undefined;
  readonly key: Uint8Array | undefined;
  readonly cert: Uint8Array | undefined;
  readonly body: Uint8Array;
}

/** The last answer a request got before the deadline. */
export type ExitAnswer =
  | { readonly status: 'answered'; readonly code: number; readonly contentType: string; readonly body: Uint8Array }
  | { readonly status: 'unanswered'; readonly message: string };

/** What the worker is started with. */
export interface ExitWork {
  readonly requests: readonly ExitRequest[];
  /** Milliseconds from the worker's start after which nobody waits any more. */
  readonly timeoutMillis: number;
  /** One 32-bit word: 0 = at work, 1 = everything is answered. */
  readonly done: SharedArrayBuffer;
}

/** What the worker says of each request as soon as it knows. */
export interface ExitMessage {
  readonly index: number;
  readonly answer: ExitAnswer;
}

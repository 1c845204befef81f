import type { GrpcTarget } from '../otlp/grpc-client.ts';
import type { TlsFiles } from '../otlp/create-agent.ts';

export interface HttpExitRequest extends TlsFiles {
  readonly protocol: 'http';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly gzip: boolean;
  readonly body: Uint8Array;
}

export interface GrpcExitRequest extends GrpcTarget {
  readonly protocol: 'grpc';
  readonly body: Uint8Array;
}

/** One request that the exit worker sends: plain data, since it is posted to another thread. */
export type ExitRequest = HttpExitRequest | GrpcExitRequest;

/** The result of the last attempt of a request before the deadline. */
export type ExitAnswer =
  | { readonly status: 'answered'; readonly code: number; readonly contentType: string; readonly body: Uint8Array }
  | { readonly status: 'unanswered' | 'refused'; readonly message: string };

/** Why a request that has no answer at the deadline is lost. */
export const NO_ANSWER = 'no answer in time';

/** The result of one attempt. */
export interface Attempt {
  readonly answer: ExitAnswer;
  /** Milliseconds to wait before the request may be sent again; undefined if the answer is final. */
  readonly retryAfterMillis: number | undefined;
}

/** One call of `SyncRequester.send`, as it is posted to the worker. */
export interface ExitWork {
  readonly requests: readonly ExitRequest[];
  /** At which running requests are aborted: `processMillis()`, which has the same origin in each thread. */
  readonly deadline: number;
  /** One 32-bit integer: 0 while requests are running, 1 when all have an answer. */
  readonly done: SharedArrayBuffer;
}

/** Posted by the worker for each request as soon as its answer is known. */
export interface ExitMessage {
  readonly index: number;
  readonly answer: ExitAnswer;
}

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
/** Why what was not even sent at the deadline is lost. */
export const NOT_SENT = 'not sent in time';

/** The result of one attempt. */
export interface Attempt {
  readonly answer: ExitAnswer;
  /** Milliseconds to wait before the request may be sent again; undefined if the answer is final. */
  readonly retryAfterMillis: number | undefined;
}

/** Requests of one signal to one destination: they share their connections, and start in the order in which they are posted. */
export interface ExitLane {
  readonly lane: number;
  /** Requests under way at once, as while the process lives. */
  readonly maxInFlight: number;
}

/** One request, as it is posted to the worker. */
export interface ExitWork extends ExitLane {
  readonly id: number;
  readonly request: ExitRequest;
  /** `processMillis()` at which it is aborted. */
  readonly deadline: number;
}

/** Posted by the worker as soon as the answer to a request is known. */
export interface ExitMessage {
  readonly id: number;
  readonly answer: ExitAnswer;
}

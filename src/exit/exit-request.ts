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

/** One request that the exit worker sends: plain data, since it crosses into another thread. */
export type ExitRequest = HttpExitRequest | GrpcExitRequest;

/** The last answer a request got before the deadline. */
export type ExitAnswer =
  | { readonly status: 'answered'; readonly code: number; readonly contentType: string; readonly body: Uint8Array }
  | { readonly status: 'unanswered' | 'refused'; readonly message: string };

/** Why a request is lost that the deadline cut off. */
export const NO_ANSWER = 'no answer in time';

/** An answer, and how long to wait (milliseconds) before the request may be tried again; undefined where it may not. */
export interface Attempt {
  readonly answer: ExitAnswer;
  readonly retryAfterMillis: number | undefined;
}

/** What the worker is started with. */
export interface ExitWork {
  readonly requests: readonly ExitRequest[];
  /** Unix time in milliseconds after which nobody waits any more; the clock that threads share. */
  readonly deadline: number;
  /** One 32-bit word: 0 = at work, 1 = everything is answered. */
  readonly done: SharedArrayBuffer;
}

/** What the worker says of each request as soon as it knows. */
export interface ExitMessage {
  readonly index: number;
  readonly answer: ExitAnswer;
}

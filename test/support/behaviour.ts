import type { ServerResponse } from 'node:http';
import { TLSSocket } from 'node:tls';
import protobuf from 'protobufjs/minimal.js';

interface Common {
  /** Milliseconds from the request's end to the answer; requests wait side by side, not one after another. Default 0. */
  readonly latencyMillis?: number;
  /** How many requests are treated so; then the backend is `ok` again. Default: until the next `behave()`. */
  readonly times?: number;
}

export interface PartialSuccess {
  readonly rejected: number;
  readonly message: string;
}

/** What the backend does with a request once it has read it to its end. */
export type Behaviour = Common &
  (
    | { readonly kind: 'ok' }
    /** Answers `ok` when `backend.release()` is called, `latencyMillis` later. */
    | { readonly kind: 'hold' }
    /** Never answers. */
    | { readonly kind: 'mute' }
    /** An error status with a `google.rpc.Status` body; `retryAfter` is sent as it is (seconds or a date). */
    | {
        readonly kind: 'status';
        readonly status: number;
        readonly retryAfter?: string | number;
        readonly message?: string;
      }
    /** 200 with `partialSuccess`: the last `rejected` items of the request are not accepted. */
    | ({ readonly kind: 'partial' } & PartialSuccess)
    /** Status 200 and the first part of a body, then the connection ends. */
    | { readonly kind: 'half' }
    /** The connection is reset (with TLS: closed) without a word. */
    | { readonly kind: 'reset' }
  );

export type Signal = 'traces' | 'logs' | 'metrics';

const REJECTED_KEY: Readonly<Record<Signal, string>> = {
  traces: 'rejectedSpans',
  logs: 'rejectedLogRecords',
  metrics: 'rejectedDataPoints',
};

/** Answers one request the way of `behaviour`. `json` says how the request was encoded: the answer is encoded alike. */
export function answer(behaviour: Behaviour, signal: Signal, json: boolean, response: ServerResponse): void {
  response.setHeader('content-type', json ? 'application/json' : 'application/x-protobuf');
  switch (behaviour.kind) {
    case 'mute':
      return;
    case 'reset':
      // resetAndDestroy() knows plain TCP only.
      if (response.socket instanceof TLSSocket) response.socket.destroy();
      else response.socket?.resetAndDestroy();
      return;
    case 'half':
      response.writeHead(200, { 'content-length': 64 });
      response.write(json ? '{"partialSuccess":' : Buffer.from([0x0a, 0x3e]), () => response.socket?.destroy());
      return;
    case 'ok':
    case 'hold':
      response.end(json ? '{}' : '');
      return;
    case 'partial':
      response.end(json ? partialSuccessJson(behaviour, signal) : encodePartialSuccess(behaviour));
      return;
    case 'status':
      if (behaviour.retryAfter !== undefined) response.setHeader('retry-after', behaviour.retryAfter);
      response.statusCode = behaviour.status;
      response.end(rpcStatus(behaviour.message ?? `status ${behaviour.status} as told`, json));
  }
}

function partialSuccessJson({ rejected, message }: PartialSuccess, signal: Signal): string {
  return JSON.stringify({
    partialSuccess: { [REJECTED_KEY[signal]]: String(rejected), errorMessage: message },
  });
}

/** Export…ServiceResponse { partial_success = 1 { rejected… = 1; error_message = 2 } }, the same in all three signals. */
export function encodePartialSuccess({ rejected, message }: PartialSuccess): Uint8Array {
  const writer = protobuf.Writer.create();
  return writer.uint32(10).fork().uint32(8).int64(rejected).uint32(18).string(message).ldelim().finish();
}

function rpcStatus(message: string, json: boolean): string | Uint8Array {
  if (json) return JSON.stringify({ message });
  // google.rpc.Status { message = 2 }
  return protobuf.Writer.create().uint32(18).string(message).finish();
}

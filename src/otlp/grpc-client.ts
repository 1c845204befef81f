import { createRequire } from 'node:module';
import type * as Grpc from '@grpc/grpc-js';
import type { TlsFiles } from './create-agent.ts';

/** `grpc.default_compression_algorithm`: grpc-js' number for gzip. */
const GZIP = 2;

/** Plain data, since it is posted to the exit worker. */
export interface GrpcTarget extends TlsFiles {
  /** Path of the application's `@grpc/grpc-js`. */
  readonly module: string;
  /** `host:port` */
  readonly target: string;
  readonly secure: boolean;
  /** `/package.Service/Method` */
  readonly method: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly gzip: boolean;
}

export interface GrpcCallOptions {
  /** Cancels the call when aborted. */
  readonly signal?: AbortSignal;
  /** Unix time in milliseconds at which the call ends without an answer. Its timer keeps the process alive. */
  readonly deadline?: number;
}

export type GrpcAnswer =
  | { readonly status: 'answered'; readonly body: Uint8Array }
  /** `code` is the gRPC status code. */
  | { readonly status: 'unanswered'; readonly error: Error & { readonly code: number } };

/** Unary calls of one method, by the application's copy of grpc-js. The body is the serialised message. */
export class GrpcClient {
  readonly #target: GrpcTarget;
  readonly #userAgent: string | undefined;
  #grpc: typeof Grpc | undefined;
  #client: Grpc.Client | undefined;

  constructor(target: GrpcTarget, userAgent?: string) {
    this.#target = target;
    this.#userAgent = userAgent;
  }

  call(body: Uint8Array, { signal, deadline }: GrpcCallOptions): Promise<GrpcAnswer> {
    const { method, metadata: entries, module } = this.#target;
    // Loaded at the first call: it would slow down every start.
    this.#grpc ??= loadGrpc(module);
    this.#client ??= this.#connect(this.#grpc);
    const client = this.#client;
    const metadata = new this.#grpc.Metadata();
    for (const [name, value] of Object.entries(entries)) metadata.set(name, value);
    return new Promise((resolve) => {
      const call = client.makeUnaryRequest(
        method,
        (message: Uint8Array) => Buffer.from(message),
        (message: Buffer) => new Uint8Array(message),
        body,
        metadata,
        deadline === undefined ? {} : { deadline },
        (error, response = new Uint8Array()) => {
          signal?.removeEventListener('abort', cancel);
          resolve(error === null ? { status: 'answered', body: response } : { status: 'unanswered', error });
        },
      );
      const cancel = (): void => call.cancel();
      signal?.addEventListener('abort', cancel);
      if (signal?.aborted) cancel();
    });
  }

  /** Closes the connection; calls that wait for a connection end. A later call opens a new one. */
  close(): void {
    this.#client?.close();
    this.#client = undefined;
  }

  #connect(grpc: typeof Grpc): Grpc.Client {
    const { target, secure, gzip, ca, key, cert } = this.#target;
    const credentials = secure
      ? grpc.credentials.createSsl(pem(ca), pem(key), pem(cert))
      : grpc.credentials.createInsecure();
    return new grpc.Client(target, credentials, {
      ...(gzip ? { 'grpc.default_compression_algorithm': GZIP } : {}),
      ...(this.#userAgent === undefined ? {} : { 'grpc.primary_user_agent': this.#userAgent }),
    });
  }
}

function loadGrpc(module: string): typeof Grpc {
  return createRequire(module)(module);
}

function pem(bytes: Uint8Array | undefined): Buffer | null {
  return bytes === undefined ? null : Buffer.from(bytes);
}

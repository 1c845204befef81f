/** Why a request is answered with anything but 200. */
export interface Refusal {
  readonly status: 400 | 404 | 405 | 408 | 413 | 415 | 503;
  /** For the developer of the client: what was wrong, what was expected, what happens now. */
  readonly message: string;
  /** The field of the request that was bad, for a 400 that has one. */
  readonly violation?: { readonly field: string; readonly description: string };
  readonly headers?: Readonly<Record<string, string>>;
}

/** The request may come again. OTLP clients do not try again after a 500, so nothing here answers with one. */
export function unavailable(message: string, retryAfterSeconds: number): Refusal {
  return { status: 503, message, headers: { 'retry-after': String(retryAfterSeconds) } };
}

import type { IncomingMessage, ServerResponse } from 'node:http';
import { endLingering, isLeftUnread } from './body/leave-unread.ts';
import type { CanonicalMessage } from './codec/canonical.ts';
import { contentTypes, encode, type Encoding } from './codec/otlp-codec.ts';
import type { Refusal } from './refusal.ts';
import type { OtlpSignal } from './signals.ts';
import type { ItemCounts } from './validation/item-counts.ts';

/** An Export…ServiceResponse without `partial_success`; in protobuf that is no bytes at all. */
const FULL_SUCCESS: Readonly<Record<Encoding, Uint8Array>> = { protobuf: Buffer.alloc(0), json: Buffer.from('{}') };

/** google.rpc.Code for each HTTP status. Clients act on the HTTP status; the code helps those who read the body. */
const RPC_CODES: Readonly<Record<Refusal['status'], number>> = {
  400: 3, // INVALID_ARGUMENT
  401: 16, // UNAUTHENTICATED
  403: 7, // PERMISSION_DENIED
  404: 5, // NOT_FOUND
  405: 12, // UNIMPLEMENTED
  408: 4, // DEADLINE_EXCEEDED
  413: 3,
  415: 3,
  421: 7,
  429: 8, // RESOURCE_EXHAUSTED
  503: 14, // UNAVAILABLE
};

/** Characters. OTLP asks for a bound on responses; the message may quote a path or a header of the request. */
const MAX_MESSAGE = 4096;

const BAD_REQUEST = 'type.googleapis.com/google.rpc.BadRequest';

/**
 * Answers 200. A request in which every item is invalid is answered 200 too, with all of them in `partial_success`: each item is
 * validated by itself, and the client learns how many were rejected. It resends neither after this nor after a 400.
 */
export function answerSuccess(
  response: ServerResponse,
  encoding: Encoding,
  signal: OtlpSignal,
  counts: ItemCounts,
): void {
  const body = encodeSuccess(encoding, signal, counts);
  response.writeHead(200, head(encoding, body));
  response.end(body);
}

/** Answers 4xx or 5xx; where the rest of the body is left unread, this also closes the connection. */
export function answerRefusal(
  request: IncomingMessage,
  response: ServerResponse,
  encoding: Encoding,
  refusal: Refusal,
): void {
  const body = encodeRefusal(encoding, refusal);
  const headers = { ...head(encoding, body), ...refusal.headers };
  if (!isLeftUnread(request)) {
    response.writeHead(refusal.status, headers);
    response.end(body);
    return;
  }
  response.writeHead(refusal.status, { ...headers, connection: 'close' });
  response.write(body);
  endLingering(request, response);
}

function head(encoding: Encoding, body: Uint8Array) {
  return { 'content-type': contentTypes[encoding], 'content-length': body.length };
}

function encodeSuccess(encoding: Encoding, signal: OtlpSignal, counts: ItemCounts): Uint8Array {
  if (counts.rejected === 0) return FULL_SUCCESS[encoding];
  return encode(encoding, signal.response, {
    partialSuccess: { [signal.rejectedField]: String(counts.rejected), errorMessage: counts.describe(signal.noun) },
  });
}

/** The body of every 4xx and 5xx: a `google.rpc.Status`, with `BadRequest` details where one field is invalid. */
export function encodeRefusal(encoding: Encoding, refusal: Refusal): Uint8Array {
  const { status, violation } = refusal;
  const body: CanonicalMessage = { code: RPC_CODES[status], message: refusal.message.slice(0, MAX_MESSAGE) };
  if (violation !== undefined) body['details'] = [toAny(encoding, { fieldViolations: [{ ...violation }] })];
  return encode(encoding, 'RpcStatus', body);
}

/** A `google.protobuf.Any`: in JSON the fields stand beside `@type`, in protobuf they are packed into bytes. */
function toAny(encoding: Encoding, badRequest: CanonicalMessage): CanonicalMessage {
  if (encoding === 'json') return { '@type': BAD_REQUEST, ...badRequest };
  const bytes = encode('protobuf', 'BadRequest', badRequest);
  return { typeUrl: BAD_REQUEST, value: Buffer.from(bytes).toString('base64') };
}

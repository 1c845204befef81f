import type { CanonicalMessage } from './codec/canonical.ts';
import { encode, type Encoding } from './codec/otlp-codec.ts';
import type { Refusal } from './refusal.ts';

/** google.rpc.Code for each HTTP status; clients act on the HTTP status, the code is for those who read the body. */
const RPC_CODES: Readonly<Record<Refusal['status'], number>> = {
  400: 3, // INVALID_ARGUMENT
  401: 16, // UNAUTHENTICATED
  403: 7, // PERMISSION_DENIED
  404: 5, // NOT_FOUND
  405: 12, // UNIMPLEMENTED
  408: 4, // DEADLINE_EXCEEDED
  413: 3,
  415: 3,
  429: 8, // RESOURCE_EXHAUSTED
  503: 14, // UNAVAILABLE
};

/** Characters. OTLP asks for a bound on responses; a path or a header of the request may be in the message. */
const MAX_MESSAGE = 4096;

const BAD_REQUEST = 'type.googleapis.com/google.rpc.BadRequest';

/** The body of every 4xx and 5xx: a `google.rpc.Status`, with `BadRequest` details where one field is to blame. */
export function encodeRefusal(encoding: Encoding, refusal: Refusal): Uint8Array {
  const { status, violation } = refusal;
  const body: CanonicalMessage = { code: RPC_CODES[status], message: refusal.message.slice(0, MAX_MESSAGE) };
  if (violation !== undefined) body['details'] = [detail(encoding, { fieldViolations: [{ ...violation }] })];
  return encode(encoding, 'RpcStatus', body);
}

/** An `Any`: JSON shows the message beside its type, protobuf packs its bytes. */
function detail(encoding: Encoding, badRequest: CanonicalMessage): CanonicalMessage {
  if (encoding === 'json') return { '@type': BAD_REQUEST, ...badRequest };
  const bytes = encode('protobuf', 'BadRequest', badRequest);
  return { typeUrl: BAD_REQUEST, value: Buffer.from(bytes).toString('base64') };
}

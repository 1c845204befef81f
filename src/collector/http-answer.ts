import type { IncomingMessage, ServerResponse } from 'node:http';
import { endLingering, isLeftUnread } from './body/leave-unread.ts';
import { contentTypes, type Encoding } from './codec/otlp-codec.ts';
import type { Refusal } from './refusal.ts';
import { encodeRefusal } from './rpc-status.ts';

export function answerRefusal(
  request: IncomingMessage,
  response: ServerResponse,
  encoding: Encoding,
  refusal: Refusal,
): void {
  const body = encodeRefusal(encoding, refusal);
  if (!isLeftUnread(request)) return answer(response, refusal.status, encoding, body, refusal.headers);
  response.writeHead(refusal.status, { ...head(encoding, body), ...refusal.headers, connection: 'close' });
  response.write(body);
  endLingering(request, response);
}

export function answer(
  response: ServerResponse,
  status: number,
  encoding: Encoding,
  body: Uint8Array,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { ...head(encoding, body), ...headers });
  response.end(body);
}

function head(encoding: Encoding, body: Uint8Array) {
  return { 'content-type': contentTypes[encoding], 'content-length': body.length };
}

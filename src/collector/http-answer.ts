import type { ServerResponse } from 'node:http';
import { contentTypes, type Encoding } from './otlp-codec.ts';
import type { Refusal } from './refusal.ts';
import { encodeRefusal } from './rpc-status.ts';

export function answerRefusal(response: ServerResponse, encoding: Encoding, refusal: Refusal): void {
  answer(response, refusal.status, encoding, encodeRefusal(encoding, refusal), refusal.headers);
}

export function answer(
  response: ServerResponse,
  status: number,
  encoding: Encoding,
  body: Uint8Array,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'content-type': contentTypes[encoding], 'content-length': body.length, ...headers });
  response.end(body);
}

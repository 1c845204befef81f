import { once } from 'node:events';
import { type Agent, type IncomingHttpHeaders, request as httpRequest } from 'node:http';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { whenTestEnds } from '../../../support/when-test-ends.ts';

export interface Sent {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
  readonly agent?: Agent;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** The client's port: the same for two requests on one connection. */
  readonly localPort: number | undefined;
}

export const JSON_TYPE = { 'content-type': 'application/json' };
export const PROTOBUF_TYPE = { 'content-type': 'application/x-protobuf' };

export async function send(url: string, { method = 'POST', headers = {}, body, agent }: Sent = {}): Promise<Answer> {
  const request = httpRequest(url, { method, headers, agent: agent ?? false });
  request.end(body);
  const [response] = await once(request, 'response');
  const chunks: Buffer[] = [];
  const { localPort } = response.socket;
  for await (const chunk of response) chunks.push(chunk);
  return {
    localPort,
    status: response.statusCode,
    headers: response.headers,
    body: Buffer.concat(chunks),
  };
}

/** A connection on which a test writes what no HTTP client would. */
export async function openSocket(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  whenTestEnds(() => {
    socket.destroy();
  });
  await once(socket, 'connect');
  return socket;
}

/** All that the server says until it closes the connection. */
export function untilClosed(socket: Socket): Promise<string> {
  return text(socket);
}

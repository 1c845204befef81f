import { once } from 'node:events';
import {
  createServer,
  request as startRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { connect, type Socket } from 'node:net';
import { whenTestEnds } from './when-test-ends.ts';

/** A forward proxy on 127.0.0.1: absolute URLs for http, CONNECT for https. */
export class Proxy {
  readonly #server: Server = createServer();
  readonly #sockets = new Set<Socket>();
  /** What it was asked for: `POST http://…` or `CONNECT host:port`. */
  readonly asked: string[] = [];
  #port = 0;

  /** `silent`: takes connections and requests, and never answers. */
  constructor(silent: boolean) {
    this.#server.on('connection', (socket) => this.#keep(socket));
    this.#server.on('request', (request, response) => {
      this.asked.push(`${request.method ?? ''} ${request.url ?? ''}`);
      if (!silent) forward(request, response);
    });
    this.#server.on('connect', (request, client: Socket, head) => {
      this.asked.push(`CONNECT ${request.url ?? ''}`);
      if (silent) return;
      const [host = '', port = ''] = (request.url ?? '').split(':');
      const server = connect(Number(port), host, () => {
        client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
        server.write(head);
        server.pipe(client).pipe(server);
      });
      this.#keep(server);
      server.on('error', () => client.destroy());
      client.on('error', () => server.destroy());
    });
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  async start(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('expected a TCP address');
    this.#port = address.port;
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
  }
}

function forward(request: IncomingMessage, response: ServerResponse): void {
  const { method = 'GET', headers } = request;
  const onward = startRequest(request.url ?? '', { method, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  onward.on('error', () => response.destroy());
  request.pipe(onward);
}

/** Closed when the test ends. */
export async function startProxy({ silent = false }: { readonly silent?: boolean } = {}): Promise<Proxy> {
  const proxy = new Proxy(silent);
  await proxy.start();
  whenTestEnds(() => proxy.close());
  return proxy;
}

import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { receive } from '../../test/support/received-request.ts';
import type { ReceivedLogRecord, ReceivedMetric, ReceivedSpan } from '../../test/support/received-telemetry.ts';

const QUIET_MILLIS = 500;

/** A backend that accepts everything and keeps it decoded. */
export class Receiver {
  readonly #server: Server;
  #lastRequestAt = 0;
  spans: ReceivedSpan[] = [];
  logRecords: ReceivedLogRecord[] = [];
  metrics: ReceivedMetric[] = [];

  private constructor() {
    this.#server = createServer((request, response) => {
      this.#receive(request, response).catch(() => response.destroy());
    });
  }

  static async start(): Promise<Receiver> {
    const receiver = new Receiver();
    receiver.#server.listen(0, '127.0.0.1');
    await once(receiver.#server, 'listening');
    return receiver;
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const received = receive(request, Buffer.concat(chunks), 0);
    this.#lastRequestAt = performance.now();
    this.spans.push(...received.spans);
    this.logRecords.push(...received.logRecords);
    this.metrics.push(...received.metrics);
    // EDOT asks for its central configuration, which there is none of.
    response.writeHead(received.request.problem === undefined ? 200 : 404).end();
  }

  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the receiver does not listen');
    return `http://127.0.0.1:${address.port}`;
  }

  /** Waits until nothing has come for a while: what ended without waiting for its answers may still be on its way. */
  async untilQuiet(): Promise<void> {
    this.#lastRequestAt = performance.now();
    while (performance.now() - this.#lastRequestAt < QUIET_MILLIS) await delay(QUIET_MILLIS / 5);
  }

  async stop(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }
}

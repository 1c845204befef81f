import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';
import { answer, type Behaviour, type Signal } from './behaviour.ts';
import { describeReceived, itemCount, receive, type Received, type ReceivedRequest } from './received-request.ts';
import type { ReceivedLogRecord, ReceivedMetric, ReceivedSpan } from './received-telemetry.ts';
import { type Condition, Conditions, type WaitOptions } from './wait-for.ts';
import { type OnTestFinished, whenTestEnds } from './when-test-ends.ts';

export interface BackendOptions {
  /** Paths of PEM files. With `clientCa` a client must show a certificate of that authority. */
  readonly tls?: { readonly key: string; readonly cert: string; readonly clientCa?: string };
  /** Give the `onTestFinished` of a concurrent test's context. */
  readonly onTestFinished?: OnTestFinished;
}

/** A real OTLP/HTTP server on 127.0.0.1 that records what it receives, and misbehaves when told to. */
export class Backend {
  readonly #server: Server;
  readonly #scheme: 'http' | 'https';
  readonly #conditions = new Conditions();
  readonly #received: Received[] = [];
  readonly #held: (() => void)[] = [];
  readonly #connections = new Set<Socket>();
  #behaviour: Behaviour;
  #timesLeft: number;
  #port = 0;
  #inFlight = 0;
  #maxInFlight = 0;
  #maxConnections = 0;

  constructor(behaviour: Behaviour, options: BackendOptions) {
    this.#behaviour = behaviour;
    this.#timesLeft = behaviour.times ?? Infinity;
    const { tls } = options;
    this.#scheme = tls === undefined ? 'http' : 'https';
    this.#server =
      tls === undefined
        ? createServer()
        : createTlsServer({
            key: readFileSync(tls.key),
            cert: readFileSync(tls.cert),
            ...(tls.clientCa === undefined
              ? {}
              : { ca: readFileSync(tls.clientCa), requestCert: true, rejectUnauthorized: true }),
          });
    // Only the tests end connections: an idle one that closes by itself would be a failure nobody planned.
    this.#server.keepAliveTimeout = 600_000;
    // Its own list: closeAllConnections() does not know a TLS connection that still shakes hands, and close() would wait for it.
    this.#server.on('connection', (socket) => {
      this.#connections.add(socket);
      this.#maxConnections = Math.max(this.#maxConnections, this.#connections.size);
      socket.once('close', () => {
        this.#connections.delete(socket);
        this.#conditions.changed();
      });
    });
    this.#server.on('request', (request, response) => void this.#serve(request, response));
  }

  /** Without the signals' paths. The port stays the same over `stop()` and `start()`. */
  get url(): string {
    return `${this.#scheme}://127.0.0.1:${this.#port}`;
  }

  get port(): number {
    return this.#port;
  }

  get requests(): readonly ReceivedRequest[] {
    return this.#received.map(({ request }) => request);
  }

  /** Requests that are open now: neither answered nor given up by the client. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** Connections that are open now, in use or kept alive. */
  get connections(): number {
    return this.#connections.size;
  }

  /** How many connections were open at the same time, at most. */
  get maxConnections(): number {
    return this.#maxConnections;
  }

  /** How many requests were open at the same time, at most: from their headers to their answer or the connection's end. */
  get maxInFlight(): number {
    return this.#maxInFlight;
  }

  /** From the next request on that has been read to its end. */
  behave(behaviour: Behaviour): void {
    this.#behaviour = behaviour;
    this.#timesLeft = behaviour.times ?? Infinity;
  }

  /** Answers every request that is held now. Those to come are treated as `behave()` says. */
  release(): void {
    for (const release of this.#held.splice(0)) release();
  }

  /** All that arrived in the order of arrival, whatever the answer was. */
  spans(): ReceivedSpan[] {
    return this.#received.flatMap(({ spans }) => spans);
  }

  logRecords(): ReceivedLogRecord[] {
    return this.#received.flatMap(({ logRecords }) => logRecords);
  }

  /** One entry per data point. */
  metrics(): ReceivedMetric[] {
    return this.#received.flatMap(({ metrics }) => metrics);
  }

  /**
   * Those for which a complete 200 was sent, without the ones it rejected, in the order of arrival.
   * A span that was sent again after its acknowledgement stands here twice.
   */
  acknowledgedSpans(): ReceivedSpan[] {
    return this.#received.flatMap(({ spans, acknowledged }) => spans.slice(0, acknowledged));
  }

  acknowledgedLogRecords(): ReceivedLogRecord[] {
    return this.#received.flatMap(({ logRecords, acknowledged }) => logRecords.slice(0, acknowledged));
  }

  /**
   * Resolves with what `condition` returned once it holds; it is looked at when something arrives, when an answer has gone out and when a connection ends.
   * @throws an `Error` that lists what arrived, when the bound has passed
   */
  waitFor<T>(condition: Condition<T>, what: string = String(condition), options?: WaitOptions): Promise<T> {
    return this.#conditions.until(condition, what, () => this.describe(), options);
  }

  /** What arrived, one line per request, for messages. */
  describe(): string {
    if (this.#received.length === 0) return 'nothing arrived';
    return this.#received.map(describeReceived).join('\n');
  }

  /** Listens, on the same port as before. */
  async start(): Promise<void> {
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('expected a TCP address');
    this.#port = address.port;
  }

  /** Ends every connection and listens no more: who connects is refused. */
  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#connections) socket.destroy();
    await closed;
  }

  async close(): Promise<void> {
    await this.stop();
  }

  #takeBehaviour(): Behaviour {
    if (this.#timesLeft <= 0) return { kind: 'ok' };
    this.#timesLeft -= 1;
    return this.#behaviour;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#inFlight += 1;
    this.#maxInFlight = Math.max(this.#maxInFlight, this.#inFlight);
    response.once('close', () => {
      this.#inFlight -= 1;
      this.#conditions.changed();
    });
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk);
    } catch {
      // The client went away in the middle of its request: nothing was received.
      return;
    }
    const received = receive(request, Buffer.concat(chunks), this.#received.length);
    this.#received.push(received);
    this.#conditions.changed();
    const { signal, problem, contentType } = received.request;
    const behaviour: Behaviour = problem === undefined ? this.#takeBehaviour() : badRequest(signal, problem);
    response.once('finish', () => {
      received.request = { ...received.request, answered: response.statusCode };
      received.acknowledged = acknowledgedBy(behaviour, itemCount(received));
      this.#conditions.changed();
    });
    // Where the client has given up meanwhile, the answer goes nowhere and `finish` never comes.
    const reply = (): void => answer(behaviour, signal ?? 'traces', contentType === 'application/json', response);
    if (behaviour.kind === 'hold') await new Promise<void>((release) => this.#held.push(release));
    if (behaviour.latencyMillis === undefined) {
      reply();
    } else {
      const due = setTimeout(reply, behaviour.latencyMillis);
      response.once('close', () => clearTimeout(due));
    }
  }
}

function badRequest(signal: Signal | undefined, problem: string): Behaviour {
  return { kind: 'status', status: signal === undefined ? 404 : 400, message: problem };
}

function acknowledgedBy(behaviour: Behaviour, items: number): number {
  if (behaviour.kind === 'ok' || behaviour.kind === 'hold') return items;
  return behaviour.kind === 'partial' ? Math.max(0, items - behaviour.rejected) : 0;
}

/** Starts a backend on a free port. In a test it is closed when the test ends; elsewhere by `close()`. */
export async function startBackend(
  behaviour: Behaviour = { kind: 'ok' },
  options: BackendOptions = {},
): Promise<Backend> {
  const backend = new Backend(behaviour, options);
  await backend.start();
  whenTestEnds(() => backend.close(), options.onTestFinished);
  return backend;
}

import { Server, type Socket } from 'node:net';
import { clearImmediate, clearInterval, monotonicMillis, nextTurn, setImmediate, setInterval } from '../clock/clock.ts';
import { Deadline } from '../deadline/deadline.ts';
import { http1ConnectionsOf } from '../node-internals/http1-connections.ts';
import { responseOn } from '../node-internals/http1-exchange.ts';
import { http2SessionsOf, openStreams } from '../node-internals/http2-sessions.ts';
import { socketsOf } from '../node-internals/server-sockets.ts';
import { CloseAfterResponse } from './close-after-response.ts';
import { CloseIdleConnections } from './close-idle-connections.ts';
import { closeListening } from './close-listening.ts';

/** The result of closing one server. */
export interface ServerReport {
  /** Whether all connections were closed before the deadline. */
  readonly ok: boolean;
  /** Connections that were still open at the deadline, of every kind: with a request, upgraded, or of a plain TCP server. */
  readonly connectionsDestroyed: number;
  /** HTTP requests on them without a whole answer: HTTP/1 requests, also those not yet read to the end, and HTTP/2 streams. */
  readonly requestsCut: number;
  /** Connections that could not even be destroyed: the application has unreferenced them, so they do not hold the process. */
  readonly connectionsLeft: number;
  readonly durationMillis: number;
}

/** An idle connection is closed after this time, or a quarter of the time there is. */
const IDLE_GRACE_MILLIS = 1000;
const SWEEP_MILLIS = 50;
/** Time for the `close` events of destroyed sockets. */
const DESTROYED_WITHIN_MILLIS = 200;
/** One for a TCP socket, one for the TLS socket over it, one for the HTTP/2 session over that. */
const TURNS_TO_CLOSE = 3;

/**
 * Stops accepting, lets accepted requests finish, and destroys the connections that are left at the deadline.
 *
 * Requests from before the call need not be known: the server is closed when its last connection is, and a connection is closed
 * only by a response with `Connection: close` (`CloseAfterResponse`) or after it was idle for a while (`CloseIdleConnections`).
 * Node counts the connections and emits `close` after the last one.
 *
 * @throws what the application's own `close()` of the server has thrown, after all of this was done without it
 */
export async function closeServer(server: Server, deadline: Deadline): Promise<ServerReport> {
  const startedAt = monotonicMillis();
  let cut = { connectionsDestroyed: 0, requestsCut: 0, connectionsLeft: 0 };
  let failure: { readonly error: unknown } | undefined;
  if (server.listening || (await connectionCount(server)) > 0) {
    // Before anything is closed, so that the event is not missed.
    const closed = new Closing(server);
    const lastResponses = new CloseAfterResponse(server);
    lastResponses.start();
    try {
      await stopAccepting(server, (error) => {
        failure = { error };
        forceStop(server);
      });
      if (!(await drain(server, closed, deadline))) cut = await destroy(server, lastResponses);
      // Node emits `close` of the server while the handle of its last connection is being closed. That socket's own `close`, and
      // so the end of a request whose client has disconnected, is emitted some turns of the event loop later.
      for (let turn = 0; turn < TURNS_TO_CLOSE; turn += 1) await nextTurn();
    } finally {
      lastResponses.stop();
      closed.stop();
    }
  }
  if (failure !== undefined) throw failure.error;
  const ok = cut.connectionsDestroyed === 0 && cut.connectionsLeft === 0;
  return { ok, ...cut, durationMillis: monotonicMillis() - startedAt };
}

/** The `close` event of a server, emitted when it neither listens nor has a connection. */
class Closing {
  readonly #server: Server;
  readonly #stop: () => void;
  readonly promise: Promise<true>;

  constructor(server: Server) {
    const { promise, resolve } = Promise.withResolvers<true>();
    const onClose = (): void => resolve(true);
    this.#server = server;
    this.#stop = () => this.#server.off('close', onClose);
    this.promise = promise;
    server.once('close', onClose);
  }

  stop(): void {
    this.#stop();
  }
}

async function stopAccepting(server: Server, onFailure: (error: unknown) => void): Promise<void> {
  // One turn of the event loop accepts the connections that the kernel has already made: closing would reset them.
  await nextTurn();
  if (server.listening) closeListening(server, onFailure);
}

/** If the application's own `close()` has failed, or has not called Node's by the deadline. */
function forceStop(server: Server): void {
  if (server.listening) Server.prototype.close.call(server);
}

/** @returns whether the server closed before the deadline */
async function drain(server: Server, closed: Closing, deadline: Deadline): Promise<boolean> {
  const idle = new CloseIdleConnections(server, Math.min(IDLE_GRACE_MILLIS, deadline.remainingMillis / 4));
  let sweep = setImmediate(() => idle.sweep());
  const timer = setInterval(() => {
    sweep = setImmediate(() => idle.sweep());
  }, SWEEP_MILLIS);
  try {
    return !(await deadline.race(closed.promise)).expired;
  } finally {
    clearInterval(timer);
    clearImmediate(sweep);
  }
}

async function destroy(server: Server, lastResponses: CloseAfterResponse) {
  forceStop(server);
  const before = await connectionCount(server);
  const requestsCut = countRequests(server, lastResponses);
  const sockets = connectionsOf(server);
  const allClosed = Promise.all(sockets.map((socket) => untilClosed(socket)));
  for (const socket of sockets) socket.destroy();
  await Deadline.after(DESTROYED_WITHIN_MILLIS).race(allClosed);
  const connectionsLeft = await connectionCount(server);
  return { connectionsDestroyed: before - connectionsLeft, requestsCut, connectionsLeft };
}

function countRequests(server: Server, lastResponses: CloseAfterResponse): number {
  let count = 0;
  for (const { socket, idle } of http1ConnectionsOf(server)) {
    const answering = responseOn(socket) === undefined ? 0 : 1;
    const arriving = !idle && socket.bytesRead > 0 ? 1 : 0;
    count += Math.max(lastResponses.unanswered(socket), answering, arriving);
  }
  for (const session of http2SessionsOf(server)) count += openStreams(session);
  return count;
}

function connectionsOf(server: Server): Socket[] {
  const http1 = http1ConnectionsOf(server).map(({ socket }) => socket);
  return [...new Set([...http1, ...socketsOf(server)])];
}

function untilClosed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.closed) resolve();
    else socket.once('close', () => resolve());
  });
}

function connectionCount(server: Server): Promise<number> {
  return new Promise((resolve) => {
    // It fails only if a server was sent to a child process that has ended.
    server.getConnections((error, count) => resolve(error === null ? count : 0));
  });
}

import { Server } from 'node:net';
import { inspect } from 'node:util';

/** The time that a callback has. */
export interface StepContext {
  /** Aborts when the callback's time is up; from then on it is not waited for. */
  readonly signal: AbortSignal;
  /** Milliseconds until `signal` aborts, at the time of the call. */
  readonly remainingMillis: number;
}

/** May be synchronous or asynchronous; the result is ignored. */
export type Step = (context: StepContext) => unknown;

export interface GracefulShutdownOptions {
  /** Servers of node:http, node:https, node:http2, node:net or node:tls, also a framework's. Closed in parallel. */
  readonly servers?: readonly (Server | null | undefined)[];
  /** Milliseconds the call may take in total. Default 7000: with SWANSONG_EXIT_TIMEOUT that is within Docker's 10 s. */
  readonly timeoutMillis?: number;
  /** Ends all waiting at once when aborted, also the waiting for telemetry. */
  readonly signal?: AbortSignal;
  /** The reason for the report and the lifecycle events: "config reload", or the name of a signal: "SIGTERM". */
  readonly reason?: string;
  /** Milliseconds to continue serving after `onDraining`, until load balancers have stopped sending requests. Default 0. */
  readonly readinessDelayMillis?: number;
  /** Called first, to make the readiness probe fail. */
  readonly onDraining?: Step;
  /**
   * Called when the servers stop accepting, to close WebSockets and other upgraded connections (with `ws`:
   * `for (const client of wss.clients) client.close(1001)`). Those that are open at the deadline are destroyed.
   */
  readonly onUpgradedSockets?: Step;
  /** Called in order when the servers have closed; telemetry that they record is still delivered. */
  readonly close?: readonly Step[];
}

export interface GracefulShutdownPlan {
  readonly servers: readonly (Server | undefined)[];
  readonly timeoutMillis: number;
  readonly signal: AbortSignal | undefined;
  readonly reason: string | undefined;
  readonly telemetryMillis: number;
  readonly readinessDelayMillis: number;
  readonly onDraining: Step | undefined;
  readonly onUpgradedSockets: Step | undefined;
  readonly close: readonly Step[];
}

/** With 2 s of SWANSONG_EXIT_TIMEOUT this leaves 1 s of the 10 s after which Docker kills the container. */
const DEFAULT_TIMEOUT_MILLIS = 7000;

/**
 * Checks the options and adds the defaults.
 * @throws TypeError that names the value and what was expected
 */
export function toPlan(options: GracefulShutdownOptions = {}): GracefulShutdownPlan {
  if (typeof options !== 'object' || options === null) refuse('options', 'an object', options);
  const { servers = [], close = [], signal, reason, onDraining, onUpgradedSockets } = options;
  const { timeoutMillis = DEFAULT_TIMEOUT_MILLIS, readinessDelayMillis = 0 } = options;
  if (!Array.isArray(servers)) refuse('servers', 'an array of servers', servers);
  if (!Array.isArray(close)) refuse('close', 'an array of functions', close);
  for (const [index, server] of servers.entries()) {
    if (server !== null && server !== undefined && !(server instanceof Server)) {
      refuse(`servers[${index}]`, 'a server of node:http, node:https, node:http2, node:net or node:tls', server);
    }
  }
  for (const [index, step] of close.entries()) {
    if (typeof step !== 'function') refuse(`close[${index}]`, 'a function', step);
  }
  for (const [name, step] of Object.entries({ onDraining, onUpgradedSockets })) {
    if (step !== undefined && typeof step !== 'function') refuse(name, 'a function', step);
  }
  if (signal !== undefined && !(signal instanceof AbortSignal)) refuse('signal', 'an AbortSignal', signal);
  if (reason !== undefined && typeof reason !== 'string') refuse('reason', 'a string', reason);
  if (!isMillis(timeoutMillis)) refuse('timeoutMillis', 'a number of milliseconds, 0 or more', timeoutMillis);
  const telemetryMillis = reserveFor(timeoutMillis);
  const maxDelayMillis = timeoutMillis - telemetryMillis;
  if (!isMillis(readinessDelayMillis) || readinessDelayMillis > maxDelayMillis || readinessDelayMillis === Infinity) {
    const range = `a number of milliseconds from 0 to ${maxDelayMillis}, which is timeoutMillis less telemetry's share`;
    refuse('readinessDelayMillis', range, readinessDelayMillis);
  }
  return {
    servers: servers.map((server) => server ?? undefined),
    timeoutMillis,
    signal,
    reason,
    telemetryMillis,
    readinessDelayMillis,
    onDraining,
    onUpgradedSockets,
    close: [...close],
  };
}

/**
 * Milliseconds reserved for what follows the closing of the servers: a fifth of the time, at least 500 ms, at most 5 s, never
 * more than half. Half of them is for the first flush, a quarter for `close`, a quarter for the shutdown of telemetry.
 */
function reserveFor(timeoutMillis: number): number {
  return Math.min(Math.max(timeoutMillis / 5, 500), 5000, timeoutMillis / 2);
}

function isMillis(value: unknown): value is number {
  return typeof value === 'number' && value >= 0;
}

function refuse(name: string, expected: string, value: unknown): never {
  const got = inspect(value, { depth: 0, breakLength: Infinity }).slice(0, 200);
  throw new TypeError(`${name}: expected ${expected} (got ${got}); nothing was closed`);
}

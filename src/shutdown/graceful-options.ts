import { Server } from 'node:net';
import { inspect } from 'node:util';

/** What a callback may know of its time. */
export interface StepContext {
  /** Aborts when the callback's time is up; nobody waits for it any longer then. */
  readonly signal: AbortSignal;
  /** Milliseconds until then, at the time of the call. */
  readonly remainingMillis: number;
}

/** Synchronous or not; the result is not looked at. */
export type Step = (context: StepContext) => unknown;

export interface GracefulShutdownOptions {
  /** Servers of node:http, node:https, node:http2, node:net or node:tls, also those that a framework made. Closed together. */
  readonly servers?: readonly (Server | null | undefined)[];
  /** Milliseconds all of it may take. Default 7000: with what the exit may take, that is within Docker's 10 s. */
  readonly timeoutMillis?: number;
  /** Ends all waiting at once when it aborts, the telemetry's too. */
  readonly signal?: AbortSignal;
  /** Why, for the report and the lifecycle events: "config reload", or the name of a signal: "SIGTERM". */
  readonly reason?: string;
  /** Milliseconds to go on serving after `onDraining`, so that a load balancer stops sending first. Default 0. */
  readonly readinessDelayMillis?: number;
  /** Called first: the place to make the readiness probe fail. */
  readonly onDraining?: Step;
  /**
   * Called when the servers stop accepting: the place to end WebSockets and other upgraded connections (with `ws`:
   * `for (const client of wss.clients) client.close(1001)`). What is left of them at the deadline is destroyed.
   */
  readonly onUpgradedSockets?: Step;
  /** Called one after the other when the servers have closed; telemetry recorded by them is still delivered. */
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

/** With 2 s of SWANSONG_EXIT_TIMEOUT and a second to spare, within the 10 s that Docker gives. */
const DEFAULT_TIMEOUT_MILLIS = 7000;

/**
 * The options, complete.
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
  const mostMillis = timeoutMillis - telemetryMillis;
  if (!isMillis(readinessDelayMillis) || readinessDelayMillis > mostMillis || readinessDelayMillis === Infinity) {
    const range = `a number of milliseconds from 0 to ${mostMillis}, which is timeoutMillis less telemetry's share`;
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
 * The share of the time that connections cannot eat: a fifth, at least 500 ms, at most 5 s, and never more than half.
 * Half of it is for the first flush, a quarter for `close`, a quarter for the telemetry's own shutdown.
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

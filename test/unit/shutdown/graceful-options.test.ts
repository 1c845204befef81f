import { createServer } from 'node:http';
import { describe, expect, it } from 'vitest';
import { type GracefulShutdownOptions, toPlan } from '../../../src/shutdown/graceful-options.ts';

/** Options as JavaScript may give them. */
function planOf(options: unknown) {
  return () => toPlan(options as GracefulShutdownOptions);
}

describe('toPlan', () => {
  it('has a default for everything', () => {
    expect(toPlan()).toEqual({
      servers: [],
      timeoutMillis: 7000,
      signal: undefined,
      reason: undefined,
      telemetryMillis: 1400,
      readinessDelayMillis: 0,
      onDraining: undefined,
      onUpgradedSockets: undefined,
      close: [],
    });
  });

  it('keeps the index of servers that are null or undefined', () => {
    const server = createServer();
    expect(toPlan({ servers: [null, server, undefined] }).servers).toEqual([undefined, server, undefined]);
  });

  it.each([
    [0, 0],
    [600, 300],
    [1000, 500],
    [2000, 500],
    [10_000, 2000],
    [30_000, 5000],
    [Infinity, 5000],
  ])('of %d ms, %d ms are reserved for telemetry', (timeoutMillis, telemetryMillis) => {
    expect(toPlan({ timeoutMillis }).telemetryMillis).toBe(telemetryMillis);
  });

  it('accepts a readiness delay up to the time that is not reserved for telemetry', () => {
    expect(toPlan({ timeoutMillis: 10_000, readinessDelayMillis: 8000 }).readinessDelayMillis).toBe(8000);
  });

  it.each([
    [null, 'options: expected an object (got null); nothing was closed'],
    [{ timeoutMillis: -1 }, 'timeoutMillis: expected a number of milliseconds, 0 or more (got -1); nothing was closed'],
    [
      { timeoutMillis: NaN },
      'timeoutMillis: expected a number of milliseconds, 0 or more (got NaN); nothing was closed',
    ],
    [
      { timeoutMillis: '5s' },
      `timeoutMillis: expected a number of milliseconds, 0 or more (got '5s'); nothing was closed`,
    ],
    [
      { timeoutMillis: 10_000, readinessDelayMillis: 8001 },
      'readinessDelayMillis: expected a number of milliseconds from 0 to 8000, which is timeoutMillis less ' +
        'telemetry’s share (got 8001); nothing was closed'.replace('’', "'"),
    ],
    [{ readinessDelayMillis: -1 }, expect.stringContaining('(got -1)')],
    [{ timeoutMillis: Infinity, readinessDelayMillis: Infinity }, expect.stringContaining('(got Infinity)')],
    [{ signal: 'abort' }, `signal: expected an AbortSignal (got 'abort'); nothing was closed`],
    [{ servers: createServer() }, expect.stringMatching(/^servers: expected an array of servers \(got Server/)],
    [
      { servers: [null, { close() {} }] },
      'servers[1]: expected a server of node:http, node:https, node:http2, node:net or node:tls ' +
        '(got { close: [Function: close] }); nothing was closed',
    ],
    [{ close: () => {} }, 'close: expected an array of functions (got [Function: close]); nothing was closed'],
    [{ close: [() => {}, 7] }, 'close[1]: expected a function (got 7); nothing was closed'],
    [{ reason: 15 }, 'reason: expected a string (got 15); nothing was closed'],
    [
      { reason: Array.from({ length: 200 }, () => 'x') },
      expect.stringMatching(/^reason: expected a string \(got [\s\S]{200}\); nothing was closed$/),
    ],
    [{ onDraining: true }, 'onDraining: expected a function (got true); nothing was closed'],
    [{ onUpgradedSockets: [] }, 'onUpgradedSockets: expected a function (got []); nothing was closed'],
  ])('refuses %o', (options, message) => {
    expect(planOf(options)).toThrow(TypeError);
    expect(planOf(options)).toThrow(expect.objectContaining({ message }));
  });
});

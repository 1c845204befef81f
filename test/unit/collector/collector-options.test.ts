import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { resolveOptions } from '../../../src/collector/collector-options.ts';

test('the defaults', () => {
  expect(resolveOptions({})).toEqual({
    port: 4318,
    host: '127.0.0.1',
    directory: resolve('telemetry'),
    maxBodyBytes: 67_108_864,
    fsync: 'interval',
    rotateBytes: 134_217_728,
    rotateMillis: Infinity,
    maxTotalBytes: 2_147_483_648,
    token: undefined,
    corsOrigins: [],
    allowedHosts: [],
    metrics: undefined,
    maxBufferedBytes: 83_886_080,
    maxConnections: 1000,
    headersTimeoutMillis: 10_000,
    bodyTimeoutMillis: 30_000,
    closeTimeoutMillis: 10_000,
    report: expect.any(Function),
  });
});

test('the budget follows the largest body', () => {
  expect(resolveOptions({ maxBodyBytes: 1000 }).maxBufferedBytes).toBe(16_778_216);
});

describe('out of range', () => {
  test.each([
    [{ port: 65_536 }, 'port: expected an integer from 0 to 65535 (got 65536)'],
    [{ port: 1.5 }, 'port: expected an integer from 0 to 65535 (got 1.5)'],
    [{ maxBodyBytes: 0 }, 'maxBodyBytes: expected an integer from 1 to 268435456 (got 0)'],
    [
      { maxBodyBytes: 1000, maxBufferedBytes: 999 },
      'maxBufferedBytes: expected an integer from 1000 to 9007199254740991 (got 999)',
    ],
    [{ maxConnections: 0 }, 'maxConnections: expected an integer from 1 to 2147483647 (got 0)'],
    [{ headersTimeoutMillis: -1 }, 'headersTimeoutMillis: expected an integer from 1 to 2147483647 (got -1)'],
    [{ bodyTimeoutMillis: 2 ** 31 }, 'bodyTimeoutMillis: expected an integer from 1 to 2147483647 (got 2147483648)'],
    [{ rotateBytes: 0 }, 'rotateBytes: expected an integer from 1 to 9007199254740991 (got 0)'],
    [{ token: '' }, 'token: expected a text without spaces (got an empty one)'],
    [{ token: 'a secret' }, 'token: expected a text without spaces (got one with spaces)'],
    [{ closeTimeoutMillis: Number.NaN }, 'closeTimeoutMillis: expected an integer from 1 to 2147483647 (got NaN)'],
  ])('%o', (options, message) => {
    expect(() => resolveOptions(options)).toThrow(new RangeError(message));
  });
});

test.each([
  ['{"prot":4318}', /^prot: expected one of the options port, host, directory, [\w, ]+, metrics, report$/],
  ['{"port":0,"allowHosts":[]}', /^allowHosts: expected one of the options port, /],
  ['null', /^options: expected an object \(got null\)$/],
])('an option that does not exist is refused by its name: %s', (options, message) => {
  expect(() => resolveOptions(JSON.parse(options))).toThrow(message);
  expect(() => resolveOptions(JSON.parse(options))).toThrow(TypeError);
});

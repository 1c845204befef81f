import { describe, expect, test } from 'vitest';
import { parseBoolean, parsed, parseEnum, parseInteger, parsePath, parseRatio } from '../../../src/config/parse.ts';
import type { DurationVariable, IntegerVariable, TimeoutVariable } from '../../../src/config/variable.ts';

describe('booleans', () => {
  test.each([
    ['true', true],
    ['TRUE', true],
    ['True', true],
    ['false', false],
    ['FALSE', false],
  ])('%s is %s', (raw, value) => {
    expect(parseBoolean(raw)).toEqual(parsed(value));
  });

  test.each(['1', 'yes', 'on', 't', 'truee'])('%s is false and told', (raw) => {
    expect(parseBoolean(raw)).toEqual({
      value: false,
      problem: `expected true or false (got "${raw}")`,
    });
  });
});

describe('integers, durations, timeouts', () => {
  const integer: IntegerVariable = { kind: 'integer', description: '' };
  const positive: IntegerVariable = { kind: 'integer', min: 1, description: '' };
  const duration: DurationVariable = { kind: 'duration', description: '' };
  const timeout: TimeoutVariable = { kind: 'timeout', description: '' };

  test.each([
    ['0', integer, 0],
    ['0', duration, 0],
    ['0', timeout, Infinity],
    ['1', positive, 1],
    ['007', integer, 7],
    ['2147483647', integer, 2147483647],
    ['2147483647', timeout, 2147483647],
  ])('%s', (raw, row, value) => {
    expect(parseInteger(raw, row)).toEqual(parsed(value));
  });

  test.each(['many', '-1', '1.5', '1e3', '0x10', '2147483648', '9'.repeat(400), 'Infinity', 'NaN', '5s', '1 2', '١'])(
    '%s is refused',
    (raw) => {
      for (const row of [integer, positive, duration, timeout]) expect(parseInteger(raw, row).value).toBeUndefined();
    },
  );

  test('the problem names the range', () => {
    expect(parseInteger('0', positive).problem).toBe('expected an integer from 1 to 2147483647 (got "0")');
    expect(parseInteger('x', duration).problem).toBe(
      'expected milliseconds, an integer from 0 to 2147483647 (got "x")',
    );
    expect(parseInteger('x', timeout).problem).toBe(
      'expected milliseconds, an integer from 0 to 2147483647, 0 for no limit (got "x")',
    );
  });
});

describe('ratios', () => {
  test.each([
    ['0', 0],
    ['1', 1],
    ['1.0', 1],
    ['.5', 0.5],
    ['0.25', 0.25],
    ['1e-3', 0.001],
  ])('%s', (raw, value) => {
    expect(parseRatio(raw)).toEqual(parsed(value));
  });

  test.each(['-0.1', '1.01', 'half', '0x1', '0b1', '50%', '1e', '.', 'Infinity', 'NaN', '0,5'])(
    '%s is refused',
    (raw) => {
      expect(parseRatio(raw)).toEqual({
        value: undefined,
        problem: `expected a number from 0 to 1 (got "${raw}")`,
      });
    },
  );
});

describe('enums', () => {
  const values = ['grpc', 'http/json'] as const;

  test.each(['http/json', 'HTTP/JSON', 'Http/Json'])('%s in any case', (raw) => {
    expect(parseEnum(raw, values)).toEqual(parsed('http/json'));
  });

  test.each(['http', 'http/json/', 'grpc,http/json'])('%s is refused, shown as it was written', (raw) => {
    expect(parseEnum(raw, values)).toEqual({
      value: undefined,
      problem: `expected one of grpc, http/json (got "${raw}")`,
    });
  });
});

describe('paths', () => {
  test.each(['/etc/ca.pem', 'certs/ca.pem', 'C:\\certs\\ca.pem', 'my ca.pem'])('%s', (raw) => {
    expect(parsePath(raw)).toEqual(parsed(raw));
  });

  test.each(['-----BEGIN PRIVATE KEY-----', '-----BEGIN PRIVATE KEY-----\nhunter2', 'hunter2\nhunter2'])(
    'the contents of a file are refused and not repeated',
    (raw) => {
      expect(parsePath(raw)).toEqual({
        value: undefined,
        problem: 'expected the path of a PEM file (got the contents of one)',
      });
    },
  );
});

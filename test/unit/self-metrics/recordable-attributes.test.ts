import { diag, DiagLogLevel } from '@opentelemetry/api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { recordableAttributes } from '../../../src/self-metrics/recordable-attributes.ts';

let warnings: unknown[] = [];

beforeEach(() => {
  warnings = [];
  const log = (): void => {};
  diag.setLogger(
    { error: log, info: log, debug: log, verbose: log, warn: (message: string) => void warnings.push(message) },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
});

afterEach(() => diag.disable());

const EXPECTED = 'a string, a number, a boolean or an array of one of them';

describe('recordableAttributes', () => {
  it.each([
    { text: 'a', number: 1, yes: true },
    { texts: ['a', null, 'b', undefined], numbers: [1, 2], flags: [true], none: [] },
    { nothing: undefined },
    {},
  ])('are the same object where nothing is wrong: %o', (attributes) => {
    expect(recordableAttributes('m', attributes)).toBe(attributes);
    expect(warnings).toEqual([]);
  });

  it('are none where there are none', () => {
    expect([recordableAttributes('m', undefined), warnings]).toEqual([{}, []]);
  });

  it.each<[unknown, string]>([
    [null, 'null'],
    ['traces', "'traces'"],
    [5, '5'],
    [['traces'], "[ 'traces' ]"],
    ['x'.repeat(200), `'${'x'.repeat(99)}`],
  ])('are none where %j is given, and it is said', (given, shown) => {
    expect(recordableAttributes('m', given)).toEqual({});
    expect(warnings).toEqual([`m: expected attributes as an object (got ${shown}), counting without them`]);
  });

  it.each<[unknown, string]>([
    [{ a: { b: 1 } }, '{ a: [Object] }'],
    [null, 'null'],
    [10n, '10n'],
    [['a', 1], "[ 'a', 1 ]"],
    [[['a']], '[ [Array] ]'],
    [[{}], '[ {} ]'],
  ])('are without %o, and it is said', (value, shown) => {
    expect(recordableAttributes('m', { good: 'kept', bad: value })).toEqual({ good: 'kept' });
    expect(warnings).toEqual([`m: bad: expected ${EXPECTED} (got ${shown}), counting without it`]);
  });

  it('are none where they cannot be read', () => {
    const attributes = {
      get bad(): string {
        throw new Error('on purpose');
      },
    };
    expect(recordableAttributes('m', attributes)).toEqual({});
    expect(warnings).toEqual(['m: the attributes cannot be read (on purpose), counting without them']);
  });
});

import { describe, expect, test } from 'vitest';
import { parseList, parsePackages } from '../../../src/config/parse-list.ts';
import { parsed } from '../../../src/config/parse.ts';

const values = ['otlp', 'console', 'otlp/stdout'] as const;

describe('enum lists', () => {
  test.each([
    ['otlp', ['otlp']],
    ['console,otlp', ['console', 'otlp']],
    [' OTLP , Console ,', ['otlp', 'console']],
    ['otlp,otlp,OTLP/STDOUT', ['otlp', 'otlp/stdout']],
    ['none', []],
    ['NONE', []],
  ])('%s', (raw, value) => {
    expect(parseList(raw, values, false)).toEqual(parsed(value));
  });

  test('an unknown item is ignored alone, shown as it was written', () => {
    expect(parseList('Zipkin,console,foo', values, false)).toEqual({
      value: ['console'],
      problem: 'expected a list of otlp, console, otlp/stdout or none (got "Zipkin,foo")',
    });
  });

  test('only unknown items count as unset', () => {
    expect(parseList('zipkin', values, false)).toEqual({
      value: undefined,
      problem: 'expected a list of otlp, console, otlp/stdout or none (got "zipkin")',
    });
  });

  test('none beside others means none, and is told', () => {
    expect(parseList('otlp,none', values, false)).toEqual({
      value: [],
      problem: 'expected none to stand alone (got "otlp,none")',
    });
  });

  test('only commas count as unset', () => {
    expect(parseList(',,', values, false)).toEqual({
      value: undefined,
      problem: 'expected a list of otlp, console, otlp/stdout or none (got only commas)',
    });
  });

  test('all is every value where the row has it, and unknown elsewhere', () => {
    expect(parseList('ALL', values, true)).toEqual(parsed([...values]));
    expect(parseList('console,all', values, true)).toEqual(parsed(['console', 'otlp', 'otlp/stdout']));
    expect(parseList('all', values, false).value).toBeUndefined();
  });
});

describe('package names', () => {
  test.each([
    ['@opentelemetry/instrumentation-pg', ['@opentelemetry/instrumentation-pg']],
    ['a, b.c ,@d/e_f,a', ['a', 'b.c', '@d/e_f']],
  ])('%s', (raw, value) => {
    expect(parsePackages(raw)).toEqual(parsed(value));
  });

  test.each(['./local.js', '/abs', '../up', 'file:///x', 'a b', '@scope', '@/x', 'a/b', 'a@1.0.0', '@a/../b'])(
    '%s is none and ignored alone',
    (item) => {
      const problem = `expected a list of package names (got "${item}")`;
      expect(parsePackages(item)).toEqual({ value: undefined, problem });
      expect(parsePackages(`pg,${item}`)).toEqual({ value: ['pg'], problem });
    },
  );
});

import vm from 'node:vm';
import { describe, expect, it } from 'vitest';
import { keyAt, withCoverage } from '../../scripts/mutation/coverage.ts';
import { explanationOf, staleExplanations } from '../../scripts/mutation/explained.ts';
import { applyMutant, findMutants } from '../../scripts/mutation/mutants.ts';
import { sample } from '../../scripts/mutation/sample.ts';

describe('mutants', () => {
  it.each<[string, string[]]>([
    ['a < b', ['a <= b', 'a >= b']],
    ['a === b', ['a !== b']],
    ['a - b', ['a + b']],
    ['a + "text"', ["a + ''"]],
    ['(a && b) || c', ['((a && b) && c)', '((a || b)) || c']],
    ['x = a ?? b', ['x = a', 'x = b']],
    ['x += 1', ['x -= 1', 'x += 2']],
    ['x++', ['x--']],
    ['x = !a', ['x = a']],
    ['x = 1000', ['x = 2000']],
    ['a?.b', ['a.b']],
    ['a?.[0]', ['a[0]', 'a?.[1]']],
    ['if (a) b = c', ['if (!(a)) b = c']],
    ['a.b(c);', [';']],
    ['void f();', [';']],
    ['x = Math.min(a, b)', ['x = Math.max(a, b)']],
    ['x = a.toString()', []],
    ['x = a instanceof B', ['x = !(a instanceof B)']],
    ['function f() { return a; }', ['function f() { return; }']],
    ['x = () => a', ['x = () => undefined']],
    ['x = true as boolean', ['x = false as boolean']],
  ])('of %s', (source, expected) => {
    expect(findMutants('file.ts', source).map((mutant) => applyMutant(source, mutant))).toEqual(expected);
  });

  it.each([
    "import a from 'a';",
    "type A = 'a' | 1;",
    '// a < b',
    "const a: Record<'a', 1> = { 'a': b };",
    'class A extends B { constructor() { super(); } }',
    "export { a } from 'a';",
  ])('none of %s', (source) => {
    expect(findMutants('file.ts', source)).toEqual([]);
  });

  it('says where it is and what it changes', () => {
    expect(findMutants('file.ts', 'const a = 1;\n  if (a > b) f(a);\n')[1]).toMatchObject({
      file: 'file.ts',
      line: 2,
      text: 'if (a > b) f(a);',
      mutation: '> → >=',
    });
  });
});

describe('coverage', () => {
  it('leaves a program what it is, and names the functions that were entered', () => {
    const source =
      'const f = () => ({ a: 1 });\nfunction g() { return f().a; }\nconst h = () => 2;\nglobalThis.result = g();';
    const sandbox = vm.createContext({});
    vm.runInContext(withCoverage('file.ts', source), sandbox);
    expect(vm.runInContext('[result, ...entered]', sandbox)).toEqual([1, 'file.ts', 'file.ts#1', 'file.ts#0']);
    expect(['a: 1', 'f().a', '= 2', 'const h'].map((text) => keyAt('file.ts', source, source.indexOf(text)))).toEqual([
      'file.ts#0',
      'file.ts#1',
      'file.ts',
      'file.ts',
    ]);
  });
});

describe('explanations', () => {
  const [mutant] = findMutants('file.ts', 'a < b;');
  const why = 'because';

  it('are found by the text of the line, and are stale when the line has changed', () => {
    if (mutant === undefined) throw new Error('no mutant');
    const explained = { 'file.ts': [{ line: 'a < b;', mutations: ['< → <='], why }] };
    expect(explanationOf(explained, mutant)).toBe(why);
    expect(staleExplanations(explained, 'file.ts', [mutant])).toEqual([]);
    expect(staleExplanations(explained, 'file.ts', [])).toEqual(['file.ts: a < b;: < → <=']);
    expect(explanationOf({ 'file.ts': [{ line: 'a < c;', mutations: ['< → <='], why }] }, mutant)).toBe(undefined);
  });
});

describe('a sample', () => {
  const items = Array.from({ length: 100 }, (_, index) => index);

  it('is the same for the same seed, in the order of the items, and not larger than they are', () => {
    expect(sample(items, 10, 1)).toEqual(sample(items, 10, 1));
    expect(sample(items, 10, 1)).not.toEqual(sample(items, 10, 2));
    expect(sample(items, 10, 1)).toEqual(sample(items, 10, 1).toSorted((a, b) => a - b));
    expect(sample(items, 1000, 1)).toEqual(items);
  });
});

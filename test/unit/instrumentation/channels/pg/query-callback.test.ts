import { describe, expect, it } from 'vitest';
import { replaceCallback } from '../../../../../src/instrumentation/channels/pg/query-callback.ts';
import type { Method } from '../../../../../src/instrumentation/channels/pg/replace-method.ts';

const callback = (): string => 'own';
const other = (): string => 'another';
const replacement = (): string => 'replacement';

const replaced = (args: readonly unknown[]) => {
  const originals: Method[] = [];
  const result = replaceCallback(args, (original) => {
    originals.push(original);
    return replacement;
  });
  result?.undo();
  return { original: originals[0]?.(), args: result?.args };
};

describe('the callback of client.query() is where pg looks for it', () => {
  it.each([
    ['the third argument', ['select 1', [1], callback], ['select 1', [1], replacement]],
    ['the third without values', ['select 1', undefined, callback], ['select 1', undefined, replacement]],
    ['the second', ['select 1', callback], ['select 1', replacement]],
    ['the third before the second', ['select 1', other, callback], ['select 1', other, replacement]],
    [
      'the second before that of the configuration',
      [{ callback: other }, callback],
      [{ callback: other }, replacement],
    ],
    ['of the configuration', [{ text: 'a', callback }], [{ text: 'a', callback: replacement }]],
    ['of a frozen one', [Object.freeze({ callback }), [1]], [{ callback: replacement }, [1]]],
  ])('%s', (_, args, expected) => {
    const given = structuredCloneOfShape(args);
    expect(replaced(args)).toEqual({ original: 'own', args: expected });
    expect(structuredCloneOfShape(args)).toEqual(given);
  });

  it.each([
    ['none', ['select 1', [1]]],
    ['none of a configuration', [{ text: 'select 1' }]],
    ['no function, for which pg throws', ['select 1', [1], 'no function']],
    ['no function, which hides one', ['select 1', callback, 'no function']],
    ['no query', []],
  ])('%s', (_, args) => {
    expect(replaced(args)).toEqual({ original: undefined, args: undefined });
  });

  it('keeps the prototype of a configuration, whose properties it may compute', () => {
    class Statement {
      readonly parts = ['select ', '1'];
      readonly callback = callback;
      get text(): string {
        return this.parts.join('');
      }
    }
    const [statement] = replaced([new Statement()]).args ?? [];
    expect([statement instanceof Statement, Reflect.get(Object(statement), 'text')]).toEqual([true, 'select 1']);
  });

  it('undoes what older versions of pg do: they keep the callback in the caller’s object', () => {
    const config: Record<string, unknown> = { text: 'select 1' };
    const result = replaceCallback([config, callback], () => replacement);
    config['callback'] = result?.args[1];
    result?.undo();
    expect(config).toEqual({ text: 'select 1', callback });
  });
});

/** What the arguments hold, to see that they are not changed. */
function structuredCloneOfShape(args: readonly unknown[]): readonly unknown[] {
  return args.map((argument) => (typeof argument === 'object' && argument !== null ? { ...argument } : argument));
}

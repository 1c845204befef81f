import { expect, it } from 'vitest';
import { replaceMethod } from '../../../../../src/instrumentation/channels/pg/replace-method.ts';

class Client {
  query(text: string): string {
    return `${this.constructor.name} ${text}`;
  }
}

const shown = (owner: object, name: string) => {
  const { value, ...flags } = Object.getOwnPropertyDescriptor(owner, name) ?? {};
  return [value.name, value.length, flags];
};

it('has the same name, length and attributes, and is undone', () => {
  const before = shown(Client.prototype, 'query');
  const query: unknown = Reflect.get(Client.prototype, 'query');
  const undo = replaceMethod(Client.prototype, 'query', (original) => ({
    query(this: unknown, ...args: unknown[]): unknown {
      return `${String(Reflect.apply(original, this, args))} replaced`;
    },
  }));
  expect([new Client().query('a'), shown(Client.prototype, 'query')]).toEqual(['Client a replaced', before]);
  undo?.();
  expect([Reflect.get(Client.prototype, 'query'), shown(Client.prototype, 'query')]).toEqual([query, before]);
});

it.each([
  ['there is none', {}],
  ['it is no function', { query: 'text' }],
  [
    'it is an accessor',
    {
      get query() {
        return () => {};
      },
    },
  ],
  ['it cannot be replaced', Object.freeze({ query() {} })],
])('nothing is replaced where %s', (_, owner) => {
  const before = Object.getOwnPropertyDescriptors(owner);
  expect(replaceMethod(owner, 'query', () => ({ query() {} }))).toBe(undefined);
  expect(Object.getOwnPropertyDescriptors(owner)).toEqual(before);
});

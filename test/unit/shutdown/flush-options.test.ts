import { expect, it } from 'vitest';
import { toFlushDeadline, toReason } from '../../../src/shutdown/flush-options.ts';

it.each([
  [
    'timeoutMillis',
    () => Reflect.apply(toFlushDeadline, undefined, [{ timeoutMillis: '5s' }, 1000]),
    `got '5s'); nothing was flushed`,
  ],
  [
    'reason',
    () => Reflect.apply(toReason, undefined, [{ reason: { signal: { name: 'SIGTERM' } } }]),
    'reason: expected a string (got { signal: [Object] }); nothing was flushed',
  ],
])('refuses an invalid %s and says what becomes of the call', (name, call, message) => {
  expect(call).toThrow(TypeError);
  expect(call).toThrow(name);
  expect(call).toThrow(message);
});

it('takes a reason as it is, or none', () => {
  expect([toReason({ reason: 'config reload' }), toReason({})]).toEqual(['config reload', undefined]);
});

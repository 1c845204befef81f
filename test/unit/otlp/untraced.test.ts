import { createServer } from 'node:http';
import { describe, expect, it } from 'vitest';
import { isUntraced, leaveUntraced } from '../../../src/otlp/untraced.ts';

describe('leaveUntraced', () => {
  it('marks the server, and hides it from what wraps the emit of all servers', () => {
    const [marked, other] = [createServer(), createServer()];
    leaveUntraced(marked);
    expect([marked, other, null, undefined, 'server', {}].map(isUntraced)).toEqual([
      true,
      false,
      false,
      false,
      false,
      false,
    ]);
    expect(Object.getOwnPropertyDescriptor(marked, 'emit')).toMatchObject({ configurable: true, writable: true });
    expect(Object.keys(marked)).not.toContain('emit');
    // By a symbol that other bundles of swansong have, too.
    expect(Reflect.get(marked, Symbol.for('swansong.untraced-server'))).toBe(true);
    let heard = 0;
    marked.on('close', () => (heard += 1));
    marked.emit('close');
    expect(heard).toBe(1);
  });
});

import { expect, test } from 'vitest';
import { parseAddress, showAddress, toAddress } from '../../../src/config/parse-address.ts';
import { parsed } from '../../../src/config/parse.ts';

test.each([
  ['9464', '127.0.0.1:9464', { host: '127.0.0.1', port: 9464 }],
  ['0', '127.0.0.1:0', { host: '127.0.0.1', port: 0 }],
  ['localhost:080', 'localhost:80', { host: 'localhost', port: 80 }],
  ['0.0.0.0:65535', '0.0.0.0:65535', { host: '0.0.0.0', port: 65_535 }],
  ['[::1]:9464', '[::1]:9464', { host: '::1', port: 9464 }],
])('%s', (raw, text, address) => {
  expect(parseAddress(raw)).toEqual(parsed(text));
  expect(toAddress(text)).toEqual(address);
  expect(showAddress(address)).toBe(text);
});

test.each(['', ':9464', 'localhost', '65536', '-1', '1.5', '::1:9464', 'http://localhost:9464', 'a b:1'])(
  '"%s" is refused',
  (raw) => {
    expect(parseAddress(raw)).toEqual({ value: undefined, problem: `expected a port or host:port (got "${raw}")` });
  },
);

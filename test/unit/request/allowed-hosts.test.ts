import { describe, expect, test } from 'vitest';
import { AllowedHosts, isHostPattern } from '../../../src/request/allowed-hosts.ts';

/*
 * Where a name is decided by, a URL parser of a client and this check must find the same host: test/unit/collector/misdirected.test.ts
 * has what a client writes, over sockets. Here are the names that no client of Node's would write.
 */

const on = (bound: readonly string[], allowed: readonly string[] = []): AllowedHosts => {
  const hosts = new AllowedHosts(allowed);
  hosts.listensOn(...bound);
  return hosts;
};

describe('loopback', () => {
  test.each([
    'localhost',
    'LOCALHOST:4318',
    'localhost.:4318',
    'a.b.localhost',
    '127.0.0.1',
    '127.255.255.254:1',
    '[::1]',
    '[0:0:0:0:0:0:0:1]:4318',
    '[::ffff:127.0.0.1]:4318',
    '127.1',
    'localhost:',
  ])('%s is allowed', (host) => {
    expect(on(['127.0.0.1']).allows(host)).toBe(true);
  });

  test.each([
    '',
    ' ',
    ':4318',
    '.',
    'evil.example',
    'localhost.evil.example',
    'localhost..',
    'localhostevil.example',
    'xlocalhost',
    '127.0.0.1.evil.example',
    '128.0.0.1',
    '0.0.0.0',
    '[::]',
    '[::2]',
    '[::ffff:128.0.0.1]',
    'localhost@evil.example',
    'evil.example@localhost',
    'localhost/',
    'localhost\\evil.example',
    'localhost#evil.example',
    'localhost?evil.example',
    'localhost:4318:evil.example',
    'localhost:x',
    'localhost:99999',
    'local%68ost',
    'localhost,evil.example',
    'a localhost',
    '[localhost]',
    '[::1',
    '::1',
  ])('%j is not', (host) => {
    expect(on(['127.0.0.1']).allows(host)).toBe(false);
  });
});

test.each([
  [['192.0.2.7'], '192.0.2.7:4318', true],
  [['192.0.2.7'], '192.0.2.8', false],
  [['192.0.2.7'], 'archive', false],
  [['2001:db8::7'], '[2001:0db8:0:0::7]', true],
  [['collector.example', '192.0.2.7'], 'Collector.example.', true],
  [['', '::'], 'archive', true],
  [['0:0:0:0:0:0:0:0'], '192.0.2.8', true],
  [['0.0.0.0'], 'archive.', true],
  [['0.0.0.0'], 'a.svc', true],
  [['0.0.0.0'], 'a.notsvc', false],
  [['0.0.0.0'], 'a.local.evil.example', false],
  [['0.0.0.0'], '[2001:db8::1]', true],
])('listening on %j, %s: %j', (bound, host, expected) => {
  expect(on(bound).allows(host)).toBe(expected);
});

test.each([
  ['*', true],
  ['collector', true],
  ['my_collector.example.', true],
  ['.example.com', true],
  ['2001:db8::1', true],
  ['[2001:db8::1]', true],
  ['192.0.2.1', true],
  ['[2001:db8::1]:4318', false],
  ['192.0.2.1:4318', false],
  ['1.2.3.400', false],
  ['**', false],
  ['a.*', false],
  ['..', false],
  ['a,b', false],
])('pattern %j: %j', (pattern, expected) => {
  expect(isHostPattern(pattern)).toBe(expected);
});

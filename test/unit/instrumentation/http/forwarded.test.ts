import { describe, expect, it } from 'vitest';
import { readForwarded } from '../../../../src/instrumentation/http/forwarded.ts';

const NOTHING = { client: undefined, host: undefined, scheme: undefined };

describe('the client is an address without a port', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['203.0.113.7:58596', '203.0.113.7'],
    ['[2001:db8::1]', '2001:db8::1'],
    ['[2001:db8::1]:443', '2001:db8::1'],
    ['2001:db8::1', '2001:db8::1'],
    ['::ffff:192.0.2.1', '::ffff:192.0.2.1'],
    [' 203.0.113.7:80 , 10.0.0.1', '203.0.113.7'],
    ['unknown', undefined],
    ['unknown, 10.0.0.1', undefined],
    ['_hidden', undefined],
    ['_hidden:80', undefined],
    ['[2001:db8::1', undefined],
    ['2001:db8::1]', undefined],
    ['[2001:db8::1]x', undefined],
    ['[unknown]', undefined],
    ['203.0.113.7:', undefined],
    ['203.0.113.7:123456', undefined],
    ['203.0.113', undefined],
    ['shop.example', undefined],
    ['[', undefined],
    ['', undefined],
    [',', undefined],
  ])('%j: %j', (node, client) => {
    expect(readForwarded({ 'x-forwarded-for': node })).toEqual({ ...NOTHING, client });
    const quoted = node.split(',').map((one) => `for="${one.trim()}"`);
    expect(readForwarded({ forwarded: quoted.join(', ') })).toEqual({ ...NOTHING, client });
  });
});

// RFC 7239, sections 4 to 6
describe('Forwarded', () => {
  it.each([
    ['for="_gazonk"', NOTHING],
    ['For="[2001:db8:cafe::17]:4711"', { ...NOTHING, client: '2001:db8:cafe::17' }],
    ['for=192.0.2.60;proto=http;by=203.0.113.43', { ...NOTHING, client: '192.0.2.60', scheme: 'http' }],
    ['for=192.0.2.43, for=198.51.100.17', { ...NOTHING, client: '192.0.2.43' }],
    ['for=192.0.2.43:_port', { ...NOTHING, client: '192.0.2.43' }],
    ['for=192.0.2.43:80', { ...NOTHING, client: '192.0.2.43' }],
    [
      'host=shop.example:8443 ; proto=HTTPS',
      { ...NOTHING, host: { host: 'shop.example', port: 8443 }, scheme: 'https' },
    ],
    [
      'host="shop.example";for="192.0.2.1"',
      { ...NOTHING, host: { host: 'shop.example', port: undefined }, client: '192.0.2.1' },
    ],
    ['ext="a;for=192.0.2.9, \\"";for=192.0.2.1', { ...NOTHING, client: '192.0.2.1' }],
    ['proto="h\\ttp"', { ...NOTHING, scheme: 'http' }],
    ['proto=s1', NOTHING],
    ['host="a b"', NOTHING],
    ['for=192.0.2.1;;proto=http', { ...NOTHING, client: '192.0.2.1' }],
    ['for="192.0.2.1', NOTHING],
    ['for', NOTHING],
    ['', NOTHING],
  ])('%s', (forwarded, expected) => {
    expect(readForwarded({ forwarded, 'x-forwarded-for': '10.0.0.9' })).toEqual(expected);
  });
});

describe('X-Forwarded-*', () => {
  it.each([
    [{ 'x-forwarded-proto': 'https, http' }, { ...NOTHING, scheme: 'https' }],
    [{ 'x-forwarded-proto': 's1' }, NOTHING],
    [{ 'x-forwarded-proto': 'wss' }, NOTHING],
    [{ 'x-forwarded-host': 'shop.example:8443, inner' }, { ...NOTHING, host: { host: 'shop.example', port: 8443 } }],
    [{ 'x-forwarded-host': '[::1]:80' }, { ...NOTHING, host: { host: '::1', port: 80 } }],
    [{ 'x-forwarded-host': '[::1' }, NOTHING],
    [{ 'x-forwarded-host': 'http://shop.example' }, NOTHING],
  ])('%j', (headers, expected) => {
    expect(readForwarded(headers)).toEqual(expected);
  });
});

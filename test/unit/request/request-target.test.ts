import { describe, expect, it } from 'vitest';
import { httpScheme, parseRequestTarget } from '../../../src/request/request-target.ts';

const ORIGIN = { scheme: undefined, authority: undefined, hasCredentials: false };

// RFC 9112, section 3.2
describe('a request target', () => {
  it.each([
    ['GET', '/where?q=now', { ...ORIGIN, path: '/where', query: 'q=now' }],
    ['GET', '/where?', { ...ORIGIN, path: '/where', query: '' }],
    ['GET', '//host/path', { ...ORIGIN, path: '//host/path', query: undefined }],
    ['GET', '/a?u=http://b/c', { ...ORIGIN, path: '/a', query: 'u=http://b/c' }],
    [
      'GET',
      'http://www.example.org/pub/WWW/TheProject.html?a=1?b',
      { ...ORIGIN, scheme: 'http', authority: 'www.example.org', path: '/pub/WWW/TheProject.html', query: 'a=1?b' },
    ],
    ['GET', 'HTTPS://a:8443', { ...ORIGIN, scheme: 'https', authority: 'a:8443', path: '/', query: undefined }],
    ['GET', 'http://a?q', { ...ORIGIN, scheme: 'http', authority: 'a', path: '/', query: 'q' }],
    [
      'GET',
      'http://user:pass@word@[::1]:80/a@b',
      { scheme: 'http', authority: '[::1]:80', hasCredentials: true, path: '/a@b', query: undefined },
    ],
    ['CONNECT', 'www.example.com:443', { ...ORIGIN, authority: 'www.example.com:443', path: '', query: undefined }],
    ['OPTIONS', '*', { ...ORIGIN, path: '', query: undefined }],
    ['GET', 'no-form', { ...ORIGIN, path: 'no-form', query: undefined }],
    ['GET', '', { ...ORIGIN, path: '', query: undefined }],
  ])('%s %s', (method, target, expected) => {
    expect(parseRequestTarget(method, target)).toEqual(expected);
  });
});

it.each([
  ['http', 'http'],
  ['HTTPS', 'https'],
  ['wss', undefined],
  ['https, http', undefined],
  ['', undefined],
  [undefined, undefined],
])('the scheme %s is %s', (text, expected) => {
  expect(httpScheme(text)).toBe(expected);
});

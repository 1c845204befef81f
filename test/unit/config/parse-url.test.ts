import { describe, expect, test } from 'vitest';
import { parseCollectorUrl, parseGrpcUrl, parseHttpUrl } from '../../../src/config/parse-url.ts';
import { parsed } from '../../../src/config/parse.ts';

describe('HTTP', () => {
  test.each([
    ['http://host:4318', 'http://host:4318/'],
    ['https://host/otlp', 'https://host/otlp'],
    ['https://host/otlp/', 'https://host/otlp/'],
    ['HTTP://HOST/Path', 'http://host/Path'],
    ['http://[::1]:4318/x?k=v', 'http://[::1]:4318/x?k=v'],
  ])('%s', (raw, url) => {
    expect(parseHttpUrl(raw)).toEqual(parsed(url));
  });

  test.each([
    'host:4318',
    'localhost',
    'ftp://host/',
    'http:host',
    'http://',
    'http://host:99999',
    'unix:///x',
    '//host',
  ])('%s is refused', (raw) => {
    expect(parseHttpUrl(raw)).toEqual({
      value: undefined,
      problem: `expected an http or https URL (got "${raw}")`,
    });
  });
});

describe('the metrics of a collector', () => {
  test.each([
    ['http://host:4318', 'http://host:4318/v1/metrics'],
    ['http://host:4318/otlp/', 'http://host:4318/otlp/v1/metrics'],
    ['https://host/otlp?key=1', 'https://host/otlp/v1/metrics?key=1'],
    ['http://host:4318/v1/metrics', 'http://host:4318/v1/metrics'],
  ])('%s', (raw, url) => {
    expect(parseCollectorUrl(raw)).toEqual(parsed(url));
  });

  test('what is no URL is refused', () => {
    expect(parseCollectorUrl('host:4318')).toEqual({
      value: undefined,
      problem: 'expected an http or https URL (got "host:4318")',
    });
  });
});

describe('gRPC', () => {
  test.each(['http://host:4317', 'https://host:4317', 'https://host/'])('%s is used as it is', (raw) => {
    expect(parseGrpcUrl(raw, true)).toEqual(parsed(raw));
    expect(parseGrpcUrl(raw, false)).toEqual(parsed(raw));
  });

  test.each(['host:4317', 'host', 'my-host.example_1', '10.0.0.1:4317', '[::1]:4317', 'host:443'])(
    '%s gets the scheme that INSECURE asks for',
    (raw) => {
      expect(parseGrpcUrl(raw, true)).toEqual(parsed(`http://${raw}`));
      expect(parseGrpcUrl(raw, false)).toEqual(parsed(`https://${raw}`));
    },
  );

  test.each([
    'unix:/run/x.sock',
    'unix:///run/x.sock',
    'dns:///host:4317',
    'host/path',
    'host:port',
    'host:99999',
    'a b',
  ])('%s is refused', (raw) => {
    expect(parseGrpcUrl(raw, true)).toEqual({
      value: undefined,
      problem: `expected an http or https URL or host:port (got "${raw}")`,
    });
  });
});

test('a refused URL is shown without its secrets', () => {
  for (const parse of [parseHttpUrl, (raw: string) => parseGrpcUrl(raw, true)]) {
    expect(parse('ftp://user:hunter2@host/x').problem).toContain('(got "[redacted]@host/x")');
  }
});

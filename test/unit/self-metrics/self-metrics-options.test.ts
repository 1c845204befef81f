import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { resolveConfig } from '../../../src/config/resolve-config.ts';
import { type SelfMetricsOptions, toPlan } from '../../../src/self-metrics/self-metrics-options.ts';

const plan = (options: SelfMetricsOptions, env: Record<string, string> = {}) =>
  toPlan(options, resolveConfig(env).config.selfMetrics);

const OTLP = {
  protocol: 'http/protobuf',
  endpoint: 'http://other:4318/v1/metrics',
  headers: {},
  compression: 'none',
  timeoutMillis: 10_000,
  certificate: undefined,
  clientKey: undefined,
  clientCertificate: undefined,
  insecure: false,
};
const VARIABLES = {
  SWANSONG_SELF_METRICS_FILE: 'of-variables.jsonl',
  SWANSONG_SELF_METRICS_FILE_MAX_SIZE: '7',
  SWANSONG_SELF_METRICS_FILE_MAX_TOTAL_SIZE: '8',
  SWANSONG_SELF_METRICS_HTTP: '[::1]:9464',
  SWANSONG_SELF_METRICS_HTTP_ALLOWED_HOSTS: 'app.example',
  SWANSONG_SELF_METRICS_OTLP: 'http://other:4318',
  SWANSONG_SELF_METRICS_OTLP_HEADERS: 'a=1',
  SWANSONG_SELF_METRICS_INTERVAL: '9',
};

describe('toPlan', () => {
  it('has no exporter by default', () => {
    expect(plan({})).toEqual({
      file: undefined,
      http: undefined,
      otlp: undefined,
      httpAllowedHosts: [],
      intervalMillis: 60_000,
      resource: {},
    });
  });

  it('accepts short forms', () => {
    expect(plan({ file: 'self.jsonl', http: 0, otlp: 'http://other:4318' })).toEqual({
      file: { path: resolve('self.jsonl'), maxBytes: 10_485_760, maxTotalBytes: 52_428_800 },
      http: { host: '127.0.0.1', port: 0 },
      otlp: OTLP,
      httpAllowedHosts: [],
      intervalMillis: 60_000,
      resource: {},
    });
    expect(plan({ http: '0.0.0.0:9464' }).http).toEqual({ host: '0.0.0.0', port: 9464 });
  });

  it('accepts long forms', () => {
    const otlp = { headers: { a: '1' }, protocol: 'http/json', compression: 'gzip', timeoutMillis: 5 } as const;
    const tls = { certificate: 'ca', clientKey: 'key', clientCertificate: 'cert' };
    expect(
      plan({
        file: { path: '/x.jsonl', maxBytes: 1, maxTotalBytes: 2 },
        otlp: { endpoint: 'http://other:4318', ...otlp, ...tls },
        intervalMillis: 3,
        resource: { 'service.name': 'mine' },
      }),
    ).toEqual({
      file: { path: '/x.jsonl', maxBytes: 1, maxTotalBytes: 2 },
      http: undefined,
      otlp: { ...OTLP, ...otlp, ...tls },
      httpAllowedHosts: [],
      intervalMillis: 3,
      resource: { 'service.name': 'mine' },
    });
  });

  it('uses the exporters of the variables if the options have none', () => {
    expect(plan({}, VARIABLES)).toEqual({
      file: { path: resolve('of-variables.jsonl'), maxBytes: 7, maxTotalBytes: 8 },
      http: { host: '::1', port: 9464 },
      otlp: { ...OTLP, headers: { a: '1' } },
      httpAllowedHosts: ['app.example'],
      intervalMillis: 9,
      resource: {},
    });
  });

  it('uses only the exporters of the options if they have one; other defaults come from the variables', () => {
    expect(plan({ file: '/x.jsonl' }, VARIABLES)).toEqual({
      file: { path: '/x.jsonl', maxBytes: 7, maxTotalBytes: 8 },
      http: undefined,
      otlp: undefined,
      httpAllowedHosts: ['app.example'],
      intervalMillis: 9,
      resource: {},
    });
  });
});

describe('invalid options are rejected by name', () => {
  it.each([
    ['options: expected an object (got null)', 'null'],
    [
      'htpp: expected one of the options file, http, httpAllowedHosts, otlp, intervalMillis, resource, report',
      '{"htpp":1}',
    ],
    ['0: expected one of the options file, http, httpAllowedHosts, otlp, intervalMillis, resource, report', '[1]'],
    ['file.maxByte: expected one of the options path, maxBytes, maxTotalBytes', '{"file":{"path":"x","maxByte":1}}'],
    [
      'otlp.url: expected one of the options endpoint, headers, protocol, compression, timeoutMillis, certificate, clientKey, clientCertificate',
      '{"otlp":{"url":"http://x"}}',
    ],
    ['file: expected a path or an object with a path (got 1)', '{"file":1}'],
    ["file: expected the path of a file (got '')", '{"file":""}'],
    ['file: expected the path of a file (got undefined)', '{"file":{}}'],
    ['file.maxBytes: expected an integer from 1 to 9007199254740991 (got 0)', '{"file":{"path":"x","maxBytes":0}}'],
    [
      "file.maxTotalBytes: expected an integer from 1 to 9007199254740991 (got '1')",
      '{"file":{"path":"x","maxTotalBytes":"1"}}',
    ],
    ['http: expected a port or "host:port" (got true)', '{"http":true}'],
    ['http: expected a port or host:port (got "70000")', '{"http":70000}'],
    ['http: expected a port or host:port (got "localhost")', '{"http":"localhost"}'],
    ["httpAllowedHosts: expected a list of host names (got 'x')", '{"httpAllowedHosts":"x"}'],
    [
      "httpAllowedHosts: expected a host name or an IP address without a port, .example.com for all names below it, or * (got 'x:1')",
      '{"httpAllowedHosts":["a","x:1"]}',
    ],
    ['otlp: expected a URL or an object with an endpoint (got 4318)', '{"otlp":4318}'],
    ['otlp.endpoint: expected an http or https URL (got undefined)', '{"otlp":{}}'],
    ['otlp.endpoint: expected an http or https URL (got "[redacted]@host:1")', '{"otlp":"user:hunter2@host:1"}'],
    [
      "otlp.headers: expected an object of strings (got 'object')",
      '{"otlp":{"endpoint":"http://x","headers":{"a":1}}}',
    ],
    [
      "otlp.protocol: expected http/protobuf or http/json (got 'grpc')",
      '{"otlp":{"endpoint":"http://x","protocol":"grpc"}}',
    ],
    ["otlp.compression: expected gzip or none (got 'br')", '{"otlp":{"endpoint":"http://x","compression":"br"}}'],
    [
      'otlp.timeoutMillis: expected an integer from 1 to 2147483647 (got 0)',
      '{"otlp":{"endpoint":"http://x","timeoutMillis":0}}',
    ],
    ['otlp.clientKey: expected the path of a PEM file (got 1)', '{"otlp":{"endpoint":"http://x","clientKey":1}}'],
    ['intervalMillis: expected an integer from 1 to 2147483647 (got 0.5)', '{"intervalMillis":0.5}'],
    ['resource: expected an object of attributes (got 1)', '{"resource":1}'],
    ['report: expected a function (got 1)', '{"report":1}'],
  ])('%s', (message, options) => {
    expect(() => plan(JSON.parse(options))).toThrow(new TypeError(`${message}; nothing was started`));
  });

  it('shows one level, and 200 characters, of what was given', () => {
    const refused = (report: unknown) => (): unknown => Reflect.apply(plan, undefined, [{ report }]);
    expect(refused({ a: { b: 1 } })).toThrow('report: expected a function (got { a: [Object] }); nothing was started');
    expect(refused('x'.repeat(300))).toThrow(`(got '${'x'.repeat(199)}); nothing was started`);
  });
});

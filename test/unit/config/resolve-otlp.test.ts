import { describe, expect, test } from 'vitest';
import { resolveConfig } from '../../../src/config/resolve-config.ts';
import { resolveOtlp } from '../../../src/config/resolve-otlp.ts';
import { VariableReader } from '../../../src/config/variable-reader.ts';

type Environment = Readonly<Record<string, string>>;

function otlp(environment: Environment) {
  return resolveOtlp(new VariableReader(environment), 'TRACES');
}

describe('endpoint over HTTP', () => {
  test.each([
    ['http://host', 'http://host/v1/traces'],
    ['http://host/', 'http://host/v1/traces'],
    ['http://host:1/base', 'http://host:1/base/v1/traces'],
    ['http://host:1/base/', 'http://host:1/base/v1/traces'],
    ['https://user:pw@host/b?key=1', 'https://user:pw@host/b/v1/traces?key=1'],
    ['https://host?key=a/b', 'https://host/v1/traces?key=a/b'],
    ['https://host/b#x', 'https://host/b/v1/traces#x'],
  ])('the general one, %s, gets the path of the signal', (raw, endpoint) => {
    expect(otlp({ OTEL_EXPORTER_OTLP_ENDPOINT: raw }).endpoint).toBe(endpoint);
  });

  test.each([
    ['http://host', 'http://host/'],
    ['http://host/base', 'http://host/base'],
    ['http://host/base/', 'http://host/base/'],
    ['http://host/v1/traces?key=1', 'http://host/v1/traces?key=1'],
  ])("the signal's own, %s, is used as it is", (raw, endpoint) => {
    const environment = {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://other',
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: raw,
    };
    expect(otlp(environment).endpoint).toBe(endpoint);
  });

  test("the signal's own falls back to the general one if it cannot be used", () => {
    const { config, warnings } = resolveConfig({
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://host',
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'host:1',
    });
    expect(config.traces.otlp.endpoint).toBe('http://host/v1/traces');
    expect(warnings).toEqual([
      'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: expected an http or https URL (got "host:1"), using http://host/v1/traces',
    ]);
  });
});

describe('endpoint over gRPC', () => {
  const grpc = { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' };

  test.each([
    [{}, 'http://localhost:4317', true],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://host:1' }, 'http://host:1', true],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'https://host/x' }, 'https://host/x', false],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'host:1' }, 'https://host:1', false],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'host:1', OTEL_EXPORTER_OTLP_INSECURE: 'true' }, 'http://host:1', true],
    // A scheme wins over the variable.
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'https://host', OTEL_EXPORTER_OTLP_INSECURE: 'true' }, 'https://host', false],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'HTTP://host', OTEL_EXPORTER_OTLP_INSECURE: 'false' }, 'HTTP://host', true],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://a', OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'b:1' }, 'https://b:1', false],
    [
      {
        OTEL_EXPORTER_OTLP_ENDPOINT: 'host:1',
        OTEL_EXPORTER_OTLP_INSECURE: 'true',
        OTEL_EXPORTER_OTLP_TRACES_INSECURE: 'no',
      },
      'https://host:1',
      false,
    ],
  ])('%j', (environment: Environment, endpoint, insecure) => {
    expect(otlp({ ...grpc, ...environment })).toMatchObject({
      protocol: 'grpc',
      endpoint,
      insecure,
    });
  });

  test('one general endpoint serves signals of different protocols', () => {
    const { config, warnings } = resolveConfig({
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://host:1',
      OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'grpc',
    });
    expect(config.traces.otlp.endpoint).toBe('http://host:1');
    expect(config.logs.otlp.endpoint).toBe('http://host:1/v1/logs');
    expect(warnings).toEqual([]);
  });
});

test('insecure is about gRPC only', () => {
  expect(otlp({ OTEL_EXPORTER_OTLP_INSECURE: 'true' }).insecure).toBe(false);
});

test("headers: the signal's own over the general ones, whatever their case", () => {
  expect(
    otlp({
      OTEL_EXPORTER_OTLP_HEADERS: 'Authorization=general,x=1',
      OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'authorization=own,y=2',
      OTEL_EXPORTER_OTLP_LOGS_HEADERS: 'z=3',
    }).headers,
  ).toEqual({ authorization: 'own', x: '1', y: '2' });
});

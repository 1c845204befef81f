import { BUILT_IN_INSTRUMENTATIONS } from '../../../src/config/built-in-instrumentations.ts';
import { describe, expect, test } from 'vitest';
import { describeConfig } from '../../../src/config/describe-config.ts';
import { resolveConfig } from '../../../src/config/resolve-config.ts';
import type { Variable } from '../../../src/config/variable.ts';
import { rows, unsupportedVariables, type VariableName } from '../../../src/config/variables.ts';

type Leaf = string | number | boolean | undefined | readonly Leaf[];
type Leaves = Readonly<Record<string, Leaf>>;
type Environment = Readonly<Record<string, string>>;

/** A config as its leaves: `traces.batch.maxQueueSize` → 2048. */
function leaves(value: object, prefix = ''): Leaves {
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, part]): [string, Leaf][] =>
      typeof part === 'object' && part !== null && !Array.isArray(part)
        ? Object.entries(leaves(part, `${prefix}${key}.`))
        : [[`${prefix}${key}`, part]],
    ),
  );
}

function changes(environment: Environment, base: Environment): Leaves {
  const before = leaves(resolveConfig(base).config);
  const after = leaves(resolveConfig(environment).config);
  expect(Object.keys(before).filter((path) => !(path in after))).toEqual([]);
  return Object.fromEntries(
    Object.entries(after).filter(([path, value]) => JSON.stringify(value) !== JSON.stringify(before[path])),
  );
}

/** A valid value that is not the default, and every leaf of the config it changes. `beside`: variables it needs to matter. */
interface Valid {
  readonly raw: string;
  readonly changes: Leaves;
  readonly beside?: Environment;
}

function eachSignal(path: string, value: Leaf): Leaves {
  return { [`traces.${path}`]: value, [`logs.${path}`]: value, [`metrics.${path}`]: value };
}

const hostOnly = { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc', OTEL_EXPORTER_OTLP_ENDPOINT: 'host:1' };
const insecure = { 'otlp.insecure': true, 'otlp.endpoint': 'http://host:1' };
const below = (signal: string, paths: Leaves): Leaves =>
  Object.fromEntries(Object.entries(paths).map(([path, value]) => [`${signal}.${path}`, value]));
const grpc = {
  'otlp.protocol': 'grpc',
  'otlp.endpoint': 'http://localhost:4317',
  'otlp.insecure': true,
};

const valid: Readonly<Record<VariableName, Valid>> = {
  OTEL_CONFIG_FILE: { raw: '/etc/otel.yaml', changes: { configFile: '/etc/otel.yaml' } },
  SWANSONG_SELF_METRICS_FILE: { raw: '/tmp/self.jsonl', changes: { 'selfMetrics.file': '/tmp/self.jsonl' } },
  SWANSONG_SELF_METRICS_FILE_MAX_SIZE: { raw: '7', changes: { 'selfMetrics.fileMaxBytes': 7 } },
  SWANSONG_SELF_METRICS_FILE_MAX_TOTAL_SIZE: { raw: '7', changes: { 'selfMetrics.fileMaxTotalBytes': 7 } },
  SWANSONG_SELF_METRICS_HTTP: { raw: '9464', changes: { 'selfMetrics.http': '127.0.0.1:9464' } },
  SWANSONG_SELF_METRICS_HTTP_ALLOWED_HOSTS: {
    raw: 'app.example, .example.com',
    changes: { 'selfMetrics.httpAllowedHosts': ['app.example', '.example.com'] },
  },
  SWANSONG_SELF_METRICS_OTLP: {
    raw: 'http://other:4318',
    changes: { 'selfMetrics.otlpEndpoint': 'http://other:4318/v1/metrics' },
  },
  SWANSONG_SELF_METRICS_OTLP_HEADERS: {
    raw: 'a=1,b=%2C',
    changes: { 'selfMetrics.otlpHeaders.a': '1', 'selfMetrics.otlpHeaders.b': ',' },
  },
  SWANSONG_SELF_METRICS_INTERVAL: { raw: '7', changes: { 'selfMetrics.intervalMillis': 7 } },
  OTEL_SDK_DISABLED: { raw: 'TRUE', changes: { disabled: true } },
  OTEL_LOG_LEVEL: { raw: 'Debug', changes: { logLevel: 'debug' } },
  OTEL_SERVICE_NAME: { raw: ' checkout ', changes: { 'resource.serviceName': 'checkout' } },
  OTEL_RESOURCE_ATTRIBUTES: {
    raw: 'a.b=1,c=%2C',
    changes: { 'resource.attributes.a.b': '1', 'resource.attributes.c': ',' },
  },
  OTEL_PROPAGATORS: { raw: 'b3,TraceContext', changes: { propagators: ['b3', 'tracecontext'] } },
  OTEL_TRACES_SAMPLER: { raw: 'traceidratio', changes: { 'sampler.name': 'traceidratio' } },
  OTEL_TRACES_SAMPLER_ARG: { raw: '0.25', changes: { 'sampler.ratio': 0.25 } },
  OTEL_TRACES_EXPORTER: {
    raw: 'console,otlp',
    changes: { 'traces.exporters': ['console', 'otlp'] },
  },
  OTEL_METRICS_EXPORTER: { raw: 'otlp/stdout', changes: { 'metrics.exporters': ['otlp/stdout'] } },
  OTEL_LOGS_EXPORTER: { raw: 'none', changes: { 'logs.exporters': [] } },
  OTEL_METRIC_EXPORT_INTERVAL: { raw: '7', changes: { 'metrics.exportIntervalMillis': 7 } },
  OTEL_METRIC_EXPORT_TIMEOUT: { raw: '7', changes: { 'metrics.exportTimeoutMillis': 7 } },
  OTEL_BSP_SCHEDULE_DELAY: { raw: '0', changes: { 'traces.batch.scheduleDelayMillis': 0 } },
  OTEL_BSP_EXPORT_TIMEOUT: { raw: '0', changes: { 'traces.batch.exportTimeoutMillis': Infinity } },
  OTEL_BSP_MAX_QUEUE_SIZE: { raw: '4096', changes: { 'traces.batch.maxQueueSize': 4096 } },
  OTEL_BSP_MAX_EXPORT_BATCH_SIZE: { raw: '7', changes: { 'traces.batch.maxExportBatchSize': 7 } },
  OTEL_BLRP_SCHEDULE_DELAY: { raw: '7', changes: { 'logs.batch.scheduleDelayMillis': 7 } },
  OTEL_BLRP_EXPORT_TIMEOUT: { raw: '7', changes: { 'logs.batch.exportTimeoutMillis': 7 } },
  OTEL_BLRP_MAX_QUEUE_SIZE: { raw: '512', changes: { 'logs.batch.maxQueueSize': 512 } },
  OTEL_BLRP_MAX_EXPORT_BATCH_SIZE: {
    raw: '2048',
    changes: { 'logs.batch.maxExportBatchSize': 2048 },
  },
  OTEL_ATTRIBUTE_COUNT_LIMIT: {
    raw: '7',
    changes: { 'spanLimits.attributeCountLimit': 7, 'logRecordLimits.attributeCountLimit': 7 },
  },
  OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: {
    raw: '7',
    changes: {
      'spanLimits.attributeValueLengthLimit': 7,
      'logRecordLimits.attributeValueLengthLimit': 7,
    },
  },
  OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: { raw: '0', changes: { 'spanLimits.attributeCountLimit': 0 } },
  OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT: {
    raw: '1',
    changes: { 'spanLimits.attributeValueLengthLimit': 1 },
  },
  OTEL_SPAN_EVENT_COUNT_LIMIT: { raw: '7', changes: { 'spanLimits.eventCountLimit': 7 } },
  OTEL_SPAN_LINK_COUNT_LIMIT: { raw: '7', changes: { 'spanLimits.linkCountLimit': 7 } },
  OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT: {
    raw: '7',
    changes: { 'spanLimits.attributePerEventCountLimit': 7 },
  },
  OTEL_LINK_ATTRIBUTE_COUNT_LIMIT: {
    raw: '7',
    changes: { 'spanLimits.attributePerLinkCountLimit': 7 },
  },
  OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT: {
    raw: '7',
    changes: { 'logRecordLimits.attributeCountLimit': 7 },
  },
  OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT: {
    raw: '7',
    changes: { 'logRecordLimits.attributeValueLengthLimit': 7 },
  },
  OTEL_NODE_RESOURCE_DETECTORS: {
    raw: 'env,Host',
    changes: { 'resource.detectors': ['env', 'host'] },
  },
  OTEL_NODE_ENABLED_INSTRUMENTATIONS: {
    raw: 'http',
    changes: { 'instrumentations.enabled': ['http'] },
  },
  OTEL_NODE_DISABLED_INSTRUMENTATIONS: {
    raw: 'undici,runtime-node',
    changes: { 'instrumentations.disabled': ['undici', 'runtime-node'] },
  },
  OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: {
    raw: 'true',
    changes: { 'instrumentations.captureContent': true },
  },
  OTEL_NODE_EXPERIMENTAL_SDK_METRICS: { raw: 'true', changes: { sdkMetrics: true } },
  SWANSONG_LOGS: { raw: 'Pino, console', changes: { 'instrumentations.logs': ['pino', 'console'] } },
  SWANSONG_INSTRUMENTATIONS: {
    raw: '@opentelemetry/instrumentation-pg, x, Express,pg',
    changes: {
      'instrumentations.packages': ['@opentelemetry/instrumentation-pg', 'x', '@opentelemetry/instrumentation-express'],
    },
  },
  SWANSONG_INSTRUMENTATIONS_CONFIG: {
    raw: '{"pg":{"requireParentSpan":true},"x":{}}',
    beside: { SWANSONG_INSTRUMENTATIONS: 'pg,x' },
    changes: {
      'instrumentations.options.@opentelemetry/instrumentation-pg.requireParentSpan': true,
    },
  },
  OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN: { raw: 'Logs', changes: { exceptionSignal: 'logs' } },
  SWANSONG_EXIT_TIMEOUT: { raw: '0', changes: { exitTimeoutMillis: 0 } },
  SWANSONG_SHUTDOWN_TIMEOUT: { raw: '7', changes: { shutdownTimeoutMillis: 7 } },
  OTEL_EXPORTER_OTLP_ENDPOINT: {
    raw: 'https://host/base',
    changes: {
      'traces.otlp.endpoint': 'https://host/base/v1/traces',
      'logs.otlp.endpoint': 'https://host/base/v1/logs',
      'metrics.otlp.endpoint': 'https://host/base/v1/metrics',
    },
  },
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: {
    raw: 'http://host',
    changes: { 'traces.otlp.endpoint': 'http://host/' },
  },
  OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: {
    raw: 'http://host/x',
    changes: { 'metrics.otlp.endpoint': 'http://host/x' },
  },
  OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: {
    raw: 'http://host/x/',
    changes: { 'logs.otlp.endpoint': 'http://host/x/' },
  },
  OTEL_EXPORTER_OTLP_PROTOCOL: {
    raw: 'HTTP/JSON',
    changes: eachSignal('otlp.protocol', 'http/json'),
  },
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: { raw: 'grpc', changes: below('traces', grpc) },
  OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: { raw: 'grpc', changes: below('metrics', grpc) },
  OTEL_EXPORTER_OTLP_LOGS_PROTOCOL: {
    raw: 'http/json',
    changes: { 'logs.otlp.protocol': 'http/json' },
  },
  OTEL_EXPORTER_OTLP_HEADERS: { raw: 'A=1', changes: eachSignal('otlp.headers.a', '1') },
  OTEL_EXPORTER_OTLP_TRACES_HEADERS: { raw: 'a=1', changes: { 'traces.otlp.headers.a': '1' } },
  OTEL_EXPORTER_OTLP_METRICS_HEADERS: { raw: 'a=1', changes: { 'metrics.otlp.headers.a': '1' } },
  OTEL_EXPORTER_OTLP_LOGS_HEADERS: { raw: 'a=1', changes: { 'logs.otlp.headers.a': '1' } },
  OTEL_EXPORTER_OTLP_COMPRESSION: { raw: 'GZIP', changes: eachSignal('otlp.compression', 'gzip') },
  OTEL_EXPORTER_OTLP_TRACES_COMPRESSION: {
    raw: 'gzip',
    changes: { 'traces.otlp.compression': 'gzip' },
  },
  OTEL_EXPORTER_OTLP_METRICS_COMPRESSION: {
    raw: 'gzip',
    changes: { 'metrics.otlp.compression': 'gzip' },
  },
  OTEL_EXPORTER_OTLP_LOGS_COMPRESSION: {
    raw: 'gzip',
    changes: { 'logs.otlp.compression': 'gzip' },
  },
  OTEL_EXPORTER_OTLP_TIMEOUT: { raw: '0', changes: eachSignal('otlp.timeoutMillis', Infinity) },
  OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: { raw: '7', changes: { 'traces.otlp.timeoutMillis': 7 } },
  OTEL_EXPORTER_OTLP_METRICS_TIMEOUT: { raw: '7', changes: { 'metrics.otlp.timeoutMillis': 7 } },
  OTEL_EXPORTER_OTLP_LOGS_TIMEOUT: { raw: '7', changes: { 'logs.otlp.timeoutMillis': 7 } },
  OTEL_EXPORTER_OTLP_CERTIFICATE: {
    raw: '/ca.pem',
    changes: eachSignal('otlp.certificate', '/ca.pem'),
  },
  OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE: { raw: 'x', changes: { 'traces.otlp.certificate': 'x' } },
  OTEL_EXPORTER_OTLP_METRICS_CERTIFICATE: {
    raw: 'x',
    changes: { 'metrics.otlp.certificate': 'x' },
  },
  OTEL_EXPORTER_OTLP_LOGS_CERTIFICATE: { raw: 'x', changes: { 'logs.otlp.certificate': 'x' } },
  OTEL_EXPORTER_OTLP_CLIENT_KEY: { raw: 'x', changes: eachSignal('otlp.clientKey', 'x') },
  OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY: { raw: 'x', changes: { 'traces.otlp.clientKey': 'x' } },
  OTEL_EXPORTER_OTLP_METRICS_CLIENT_KEY: { raw: 'x', changes: { 'metrics.otlp.clientKey': 'x' } },
  OTEL_EXPORTER_OTLP_LOGS_CLIENT_KEY: { raw: 'x', changes: { 'logs.otlp.clientKey': 'x' } },
  OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: {
    raw: 'x',
    changes: eachSignal('otlp.clientCertificate', 'x'),
  },
  OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE: {
    raw: 'x',
    changes: { 'traces.otlp.clientCertificate': 'x' },
  },
  OTEL_EXPORTER_OTLP_METRICS_CLIENT_CERTIFICATE: {
    raw: 'x',
    changes: { 'metrics.otlp.clientCertificate': 'x' },
  },
  OTEL_EXPORTER_OTLP_LOGS_CLIENT_CERTIFICATE: {
    raw: 'x',
    changes: { 'logs.otlp.clientCertificate': 'x' },
  },
  OTEL_EXPORTER_OTLP_INSECURE: {
    raw: 'true',
    beside: hostOnly,
    changes: {
      ...below('traces', insecure),
      ...below('metrics', insecure),
      ...below('logs', insecure),
    },
  },
  OTEL_EXPORTER_OTLP_TRACES_INSECURE: {
    raw: 'true',
    beside: hostOnly,
    changes: below('traces', insecure),
  },
  OTEL_EXPORTER_OTLP_METRICS_INSECURE: {
    raw: 'true',
    beside: hostOnly,
    changes: below('metrics', insecure),
  },
  OTEL_EXPORTER_OTLP_LOGS_INSECURE: {
    raw: 'true',
    beside: hostOnly,
    changes: below('logs', insecure),
  },
  OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: {
    raw: 'LowMemory',
    changes: { 'metrics.temporality': 'lowmemory' },
  },
  OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION: {
    raw: 'base2_exponential_bucket_histogram',
    changes: { 'metrics.histogramAggregation': 'base2_exponential_bucket_histogram' },
  },
};

/** A value that counts as unset; any text is a valid string. */
const invalid: Readonly<Record<Exclude<Variable['kind'], 'string'>, string>> = {
  boolean: 'yes',
  integer: '-1',
  duration: '-1',
  timeout: '-1',
  ratio: '2',
  enum: 'nonsense',
  list: 'nonsense',
  filter: 'nonsense',
  packages: './nonsense',
  options: '{nonsense',
  hosts: 'http://nonsense',
  path: '-----BEGIN CERTIFICATE-----',
  file: 'a\nb',
  address: 'host:99999',
  collector: 'ftp://host',
  url: 'ftp://host',
  headers: 'nonsense',
  attributes: 'nonsense',
};

describe.each(Object.entries(valid))('%s', (name, { raw, beside = {}, changes: expected }) => {
  test(`set to ${raw} changes exactly what it is about`, () => {
    const environment = { ...beside, [name]: raw };
    expect(changes(environment, beside)).toEqual(expected);
    expect(resolveConfig(environment).warnings).toEqual([]);
  });

  test.each(['', ' ', '\t \n'])('set to %j counts as unset', (empty) => {
    const environment = { ...beside, [name]: empty };
    expect(changes(environment, beside)).toEqual({});
    expect(resolveConfig(environment).warnings).toEqual([]);
  });

  test('is in the description once it is set', () => {
    const lines = describeConfig({ ...beside, [name]: raw });
    expect(lines.filter((line) => line.startsWith(`${name}=`))).toHaveLength(1);
  });
});

const unusable = Object.entries(rows).flatMap(([name, row]) =>
  row.kind === 'string' ? [] : [{ name, row, raw: invalid[row.kind] }],
);

test.each(unusable)('$name set to $raw warns once and changes nothing', ({ name, row, raw }) => {
  expect(changes({ [name]: raw }, {})).toEqual(row.kind === 'filter' ? onlyUnknown(name) : {});
  const { warnings } = resolveConfig({ [name]: raw });
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toMatch(new RegExp(`^${name}: expected .+ \\((got )?.+\\), (using .+|ignoring it)$`));
});

/** A filter of unknown names lets nothing through; the one for disabling then disables nothing. */
function onlyUnknown(name: string): Leaves {
  return name === 'OTEL_NODE_ENABLED_INSTRUMENTATIONS' ? { 'instrumentations.enabled': [] } : {};
}

test('every row of the table is read by resolveConfig, and nothing else is', () => {
  const asked = new Set<string>();
  const environment = new Proxy<Record<string, string | undefined>>(
    {},
    {
      get: (_target, name) => {
        if (typeof name === 'string') asked.add(name);
        return undefined;
      },
    },
  );
  resolveConfig(environment);
  expect([...asked].toSorted()).toEqual([...Object.keys(rows), ...Object.keys(unsupportedVariables)].toSorted());
});

test('the defaults are the spec’s', () => {
  const otlp = (path: string) => ({
    protocol: 'http/protobuf',
    endpoint: `http://localhost:4318/v1/${path}`,
    headers: {},
    compression: 'none',
    timeoutMillis: 10_000,
    certificate: undefined,
    clientKey: undefined,
    clientCertificate: undefined,
    insecure: false,
  });
  const batch = { exportTimeoutMillis: 30_000, maxQueueSize: 2048, maxExportBatchSize: 512 };
  expect(resolveConfig({})).toStrictEqual({
    warnings: [],
    config: {
      configFile: undefined,
      disabled: false,
      logLevel: 'info',
      resource: {
        serviceName: undefined,
        attributes: {},
        detectors: ['env', 'host', 'os', 'process', 'serviceinstance'],
      },
      propagators: ['tracecontext', 'baggage'],
      sampler: { name: 'parentbased_always_on', ratio: 1 },
      spanLimits: {
        attributeCountLimit: 128,
        attributeValueLengthLimit: Infinity,
        eventCountLimit: 128,
        linkCountLimit: 128,
        attributePerEventCountLimit: 128,
        attributePerLinkCountLimit: 128,
      },
      logRecordLimits: { attributeCountLimit: 128, attributeValueLengthLimit: Infinity },
      traces: {
        exporters: ['otlp'],
        otlp: otlp('traces'),
        batch: { ...batch, scheduleDelayMillis: 5000 },
      },
      logs: {
        exporters: ['otlp'],
        otlp: otlp('logs'),
        batch: { ...batch, scheduleDelayMillis: 1000 },
      },
      metrics: {
        exporters: ['otlp'],
        otlp: otlp('metrics'),
        exportIntervalMillis: 60_000,
        exportTimeoutMillis: 30_000,
        temporality: 'cumulative',
        histogramAggregation: 'explicit_bucket_histogram',
      },
      instrumentations: {
        enabled: undefined,
        disabled: [],
        packages: [],
        options: {},
        captureContent: false,
        logs: ['pino'],
      },
      sdkMetrics: false,
      exceptionSignal: 'logs/dup',
      exitTimeoutMillis: 2000,
      selfMetrics: {
        file: undefined,
        fileMaxBytes: 10_485_760,
        fileMaxTotalBytes: 52_428_800,
        http: undefined,
        httpAllowedHosts: [],
        otlpEndpoint: undefined,
        otlpHeaders: {},
        intervalMillis: 60_000,
      },
      shutdownTimeoutMillis: 5000,
    },
  });
});

test('the result is frozen all the way down', () => {
  const all = resolveConfig(Object.fromEntries(Object.entries(valid).map(([name, { raw }]) => [name, raw])));
  const unfrozen: string[] = [];
  const visit = (value: object, path: string) => {
    if (!Object.isFrozen(value)) unfrozen.push(path);
    for (const [key, part] of Object.entries(value)) {
      if (typeof part === 'object' && part !== null) visit(part, `${path}.${key}`);
    }
  };
  visit(all, 'result');
  visit(resolveConfig({}), 'default');
  expect(unfrozen).toEqual([]);
});

test('a warning names the value, what was expected and what holds instead', () => {
  expect(
    resolveConfig({
      OTEL_BSP_MAX_QUEUE_SIZE: 'many',
      OTEL_SDK_DISABLED: '1',
      OTEL_TRACES_EXPORTER: 'zipkin',
      OTEL_METRICS_EXPORTER: 'prometheus,console',
      OTEL_EXPORTER_OTLP_TIMEOUT: '5000',
      OTEL_EXPORTER_OTLP_LOGS_TIMEOUT: '5s',
      OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318',
      OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'oracledb',
    }).warnings.toSorted(),
  ).toEqual([
    'OTEL_BSP_MAX_QUEUE_SIZE: expected an integer from 1 to 2147483647 (got "many"), using 2048',
    'OTEL_EXPORTER_OTLP_ENDPOINT: expected an http or https URL (got "collector:4318"), using http://localhost:4318',
    'OTEL_EXPORTER_OTLP_LOGS_TIMEOUT: expected milliseconds, an integer from 0 to 2147483647, 0 for no limit (got "5s"), using 5000',
    'OTEL_METRICS_EXPORTER: expected a list of otlp, console, otlp/stdout or none (got "prometheus"), using console',
    `OTEL_NODE_ENABLED_INSTRUMENTATIONS: expected a list of ${BUILT_IN_INSTRUMENTATIONS.join(', ')} or none (got "oracledb"), using none`,
    'OTEL_SDK_DISABLED: expected true or false (got "1"), using false',
    'OTEL_TRACES_EXPORTER: expected a list of otlp, console, otlp/stdout or none (got "zipkin"), using otlp',
  ]);
});

describe.each(['BSP', 'BLRP'])('a batch larger than the queue (%s)', (processor) => {
  const size = `OTEL_${processor}_MAX_EXPORT_BATCH_SIZE`;
  const queue = `OTEL_${processor}_MAX_QUEUE_SIZE`;
  const batchOf = (environment: Environment) => {
    const { config, warnings } = resolveConfig(environment);
    return { batch: processor === 'BSP' ? config.traces.batch : config.logs.batch, warnings };
  };

  test('is clamped with a warning', () => {
    const { batch, warnings } = batchOf({ [size]: '20', [queue]: '10' });
    expect(batch).toMatchObject({ maxExportBatchSize: 10, maxQueueSize: 10 });
    expect(warnings).toEqual([`${size}: expected at most ${queue} (got 20), using 10`]);
  });

  test('is clamped where it is the default, too', () => {
    const { batch, warnings } = batchOf({ [queue]: '10' });
    expect(batch).toMatchObject({ maxExportBatchSize: 10, maxQueueSize: 10 });
    expect(warnings).toEqual([`${size}: expected at most ${queue} (got the default 512), using 10`]);
  });

  test('may be as large as the queue', () => {
    expect(batchOf({ [size]: '10', [queue]: '10' })).toMatchObject({
      batch: { maxExportBatchSize: 10 },
      warnings: [],
    });
  });
});

describe('variables of the spec that are not supported', () => {
  test.each(Object.entries(unsupportedVariables))('%s is ignored with one warning', (name, outcome) => {
    expect(changes({ [name]: 'x' }, {})).toEqual({});
    expect(resolveConfig({ [name]: 'x' }).warnings).toEqual([`${name}: ${outcome}`]);
    expect(outcome).toContain('ignoring it');
    expect(resolveConfig({ [name]: ' ' }).warnings).toEqual([]);
  });
});

describe('secrets', () => {
  const secrets = Object.entries(rows).filter(([, row]) => row.secret === true);
  const urls = Object.entries(rows).filter(([, row]) => row.kind === 'url' || row.kind === 'collector');
  const keys = Object.entries(rows).filter(([, row]) => row.kind === 'path');
  const cases = [
    ...secrets.flatMap(([name]) =>
      [
        'a=hunter2',
        'hunter2',
        '=hunter2',
        'Bearer hunter2=1',
        'a=hunter2%',
        'a=hunter2%zz,b=hunter2',
        'a=hunter2%0A',
        'a=1,hunter2',
        'a=b;hunter2',
      ].map((raw) => [name, raw] as const),
    ),
    ...urls.flatMap(([name]) =>
      [
        'http://user:hunter2@host',
        'https://hunter2@host/x',
        'ftp://user:hunter2@host',
        'user:hunter2@host:1',
        'http://user:hunter2@ host',
        'http://u:hun/ter2@host:99999',
        'http://host/?key=hunter2',
        'htp://host/?key=hunter2',
      ].map((raw) => [name, raw] as const),
    ),
    ...keys.map(([name]) => [name, '-----BEGIN PRIVATE KEY-----\nhunter2'] as const),
  ];

  test.each(cases)('%s=%j: neither a warning nor the description has it', (name, raw) => {
    for (const protocol of ['grpc', 'http/json']) {
      const environment = { [name]: raw, OTEL_EXPORTER_OTLP_PROTOCOL: protocol };
      const said = [...resolveConfig(environment).warnings, ...describeConfig(environment)].join('\n');
      expect(said).toContain(name);
      expect(said).not.toMatch(/hun\/?ter2/);
    }
  });
});

test('hostile values do not throw', () => {
  const hostile = ['%', '\0', '{}', '[object Object]', '\ud800', 'a'.repeat(100_000), ','.repeat(1000), '=,=,='];
  for (const name of Object.keys(rows)) {
    for (const raw of hostile) {
      for (const warning of resolveConfig({ [name]: raw }).warnings) expect(warning.length).toBeLessThan(20_000);
    }
  }
});

import { BUILT_IN_INSTRUMENTATIONS } from '../../../../src/config/built-in-instrumentations.ts';
import { describe, expect, test } from 'vitest';
import { resolveConfig } from '../../../../src/config/resolve-config.ts';
import { readConfigFile } from '../../../../src/config/file/read-config-file.ts';
import { defaultFile, withKey, writeConfigFile } from '../../../support/config-file.ts';

function resolve(content: unknown, environment: Readonly<Record<string, string>> = {}) {
  const file = writeConfigFile(content);
  const result = readConfigFile(file, environment);
  if (result.status === 'refused') throw new Error(result.problem);
  return { ...result, warnings: result.warnings.map((line) => line.replace(file, 'otel.yaml')) };
}

function refusal(content: unknown): string {
  const file = writeConfigFile(content);
  const result = readConfigFile(file, {});
  return result.status === 'refused' ? result.problem.replace(file, 'otel.yaml') : 'not refused';
}

const escaped = (text: string) => text.replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`);
const startingWith = (text: string) => new RegExp(`^${escaped(text)}`);
const endingWith = (text: string) => new RegExp(`${escaped(text)}$`);

/** A config as its leaves: `traces.batch.maxQueueSize` → 2048. */
function leaves(value: object, prefix = ''): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, part]): [string, unknown][] =>
      typeof part === 'object' && part !== null && !Array.isArray(part)
        ? Object.entries(leaves(part, `${prefix}${key}.`))
        : [[`${prefix}${key}`, part]],
    ),
  );
}

function changes(content: object): Readonly<Record<string, unknown>> {
  const before = leaves(resolve(defaultFile()).config);
  return Object.fromEntries(
    Object.entries(leaves(resolve(content).config)).filter(
      ([path, value]) => path !== 'configFile' && JSON.stringify(value) !== JSON.stringify(before[path]),
    ),
  );
}

test('what a file leaves to the defaults is what the variables leave to them', () => {
  const file = writeConfigFile(defaultFile());
  const result = readConfigFile(file, {});
  expect(result).toMatchObject({
    status: 'resolved',
    config: { ...resolveConfig({}).config, configFile: file },
    warnings: [],
  });
});

test('what a file leaves out is off', () => {
  const { config, warnings } = resolve({ file_format: '1.0' });
  expect(warnings).toEqual([]);
  expect(config).toMatchObject({
    disabled: false,
    resource: { serviceName: undefined, attributes: {}, detectors: ['env'] },
    propagators: [],
    sampler: { name: 'parentbased_always_on', ratio: 1 },
    traces: { exporters: [] },
    logs: { exporters: [] },
    metrics: { exporters: [] },
  });
});

const TRACES = 'tracer_provider.processors[0].batch';
const LOGS = 'logger_provider.processors[0].batch';
const READER = 'meter_provider.readers[0].periodic';
const HTTP = `${TRACES}.exporter.otlp_http`;
const grpc = {
  'traces.otlp.protocol': 'grpc',
  'traces.otlp.endpoint': 'http://localhost:4317',
  'traces.otlp.insecure': true,
};
const sampler = (value: unknown) => [['tracer_provider.sampler', value]] as const;
const parentBased = (value: unknown) => sampler({ parent_based: value });
const off = { name: 'always_off', ratio: 1 };

/** Each key of docs/configuration-file.md, in its order: values, and every leaf of the config that they change. */
const EFFECTS: readonly (readonly [readonly (readonly [string, unknown])[], Readonly<Record<string, unknown>>])[] = [
  [[['disabled', true]], { disabled: true }],
  [[['log_level', 'warn3']], { logLevel: 'warn' }],
  [[['log_level', 'trace']], { logLevel: 'verbose' }],
  [[['log_level', 'debug']], { logLevel: 'debug' }],
  [[['log_level', 'error4']], { logLevel: 'error' }],
  [[['log_level', 'fatal']], { logLevel: 'error' }],
  [
    [['attribute_limits.attribute_count_limit', 7]],
    { 'spanLimits.attributeCountLimit': 7, 'logRecordLimits.attributeCountLimit': 7 },
  ],
  [
    [
      ['attribute_limits.attribute_value_length_limit', 7],
      ['logger_provider.limits.attribute_value_length_limit', 8],
    ],
    { 'spanLimits.attributeValueLengthLimit': 7, 'logRecordLimits.attributeValueLengthLimit': 8 },
  ],
  [
    [
      [
        'resource.attributes',
        [
          { name: 'a', value: 'text' },
          { name: 'b', value: [1, 2], type: 'int_array' },
          { name: 'c', value: 1.5, type: 'double' },
          { name: 'd', value: true, type: 'bool' },
          { name: 'e', value: null },
        ],
      ],
      ['resource.attributes_list', 'a=weaker,f=%2C'],
    ],
    {
      'resource.attributes.a': 'text',
      'resource.attributes.b': [1, 2],
      'resource.attributes.c': 1.5,
      'resource.attributes.d': true,
      'resource.attributes.f': ',',
    },
  ],
  [
    [['resource.detection/development', { detectors: [{ os: null }, { serviceinstance: null }] }]],
    { 'resource.detectors': ['env', 'os', 'serviceinstance'] },
  ],
  [[['propagator.composite', [{ b3: null }, { b3multi: {} }]]], { propagators: ['b3', 'b3multi'] }],
  [[['propagator.composite_list', 'b3, baggage']], { propagators: ['tracecontext', 'baggage', 'b3'] }],
  [[[`${TRACES}.schedule_delay`, 0]], { 'traces.batch.scheduleDelayMillis': 0 }],
  [[[`${TRACES}.export_timeout`, 0]], { 'traces.batch.exportTimeoutMillis': Infinity }],
  [[[`${TRACES}.max_queue_size`, 4096]], { 'traces.batch.maxQueueSize': 4096 }],
  [[[`${TRACES}.max_export_batch_size`, 7]], { 'traces.batch.maxExportBatchSize': 7 }],
  [
    [['tracer_provider.processors', [{ simple: { exporter: { otlp_http: {} } } }]]],
    { 'traces.batch.scheduleDelayMillis': 0 },
  ],
  [sampler({ always_on: null }), { 'sampler.name': 'always_on' }],
  [sampler({ always_off: {} }), { 'sampler.name': 'always_off' }],
  [sampler({ trace_id_ratio_based: { ratio: 0.25 } }), { 'sampler.name': 'traceidratio', 'sampler.ratio': 0.25 }],
  [sampler({ trace_id_ratio_based: null }), { 'sampler.name': 'traceidratio' }],
  [parentBased(null), {}],
  [
    parentBased({ root: { trace_id_ratio_based: { ratio: 0.5 } } }),
    { 'sampler.name': 'parentbased_traceidratio', 'sampler.ratio': 0.5 },
  ],
  [
    parentBased({ root: { parent_based: { root: { always_off: null } } } }),
    { 'sampler.name': 'parentbased_always_off' },
  ],
  [
    parentBased({ remote_parent_sampled: { parent_based: { local_parent_sampled: { always_off: null } } } }),
    {
      'sampler.parents.remoteParentSampled.name': 'parentbased_always_on',
      'sampler.parents.remoteParentSampled.ratio': 1,
      'sampler.parents.remoteParentSampled.parents.localParentSampled.name': 'always_off',
      'sampler.parents.remoteParentSampled.parents.localParentSampled.ratio': 1,
    },
  ],
  [
    parentBased({ remote_parent_not_sampled: { always_on: null }, local_parent_not_sampled: { always_off: null } }),
    {
      'sampler.parents.remoteParentNotSampled.name': 'always_on',
      'sampler.parents.remoteParentNotSampled.ratio': 1,
      'sampler.parents.localParentNotSampled.name': off.name,
      'sampler.parents.localParentNotSampled.ratio': off.ratio,
    },
  ],
  [
    [
      [
        'tracer_provider.limits',
        {
          attribute_count_limit: 1,
          attribute_value_length_limit: 2,
          event_count_limit: 3,
          link_count_limit: 4,
          event_attribute_count_limit: 5,
          link_attribute_count_limit: 6,
        },
      ],
    ],
    {
      'spanLimits.attributeCountLimit': 1,
      'spanLimits.attributeValueLengthLimit': 2,
      'spanLimits.eventCountLimit': 3,
      'spanLimits.linkCountLimit': 4,
      'spanLimits.attributePerEventCountLimit': 5,
      'spanLimits.attributePerLinkCountLimit': 6,
    },
  ],
  [[['tracer_provider.id_generator', { random: null }]], {}],
  [[[`${LOGS}.schedule_delay`, 7]], { 'logs.batch.scheduleDelayMillis': 7 }],
  [[[`${LOGS}.export_timeout`, 7]], { 'logs.batch.exportTimeoutMillis': 7 }],
  [[[`${LOGS}.max_queue_size`, 4096]], { 'logs.batch.maxQueueSize': 4096 }],
  [[[`${LOGS}.max_export_batch_size`, 7]], { 'logs.batch.maxExportBatchSize': 7 }],
  [
    [['logger_provider.processors', [{ simple: { exporter: { otlp_http: {} } } }]]],
    { 'logs.batch.scheduleDelayMillis': 0 },
  ],
  [[['logger_provider.limits.attribute_count_limit', 0]], { 'logRecordLimits.attributeCountLimit': 0 }],
  [[[`${READER}.interval`, 7]], { 'metrics.exportIntervalMillis': 7 }],
  [[[`${READER}.timeout`, 7]], { 'metrics.exportTimeoutMillis': 7 }],
  [[['distribution.swansong.exit_timeout', 0]], { exitTimeoutMillis: 0 }],
  [[['distribution.swansong.shutdown_timeout', 7]], { shutdownTimeoutMillis: 7 }],
  [[['distribution.swansong.instrumentations', ['@a/b', 'c']]], { 'instrumentations.packages': ['@a/b', 'c'] }],
  [
    [
      ['distribution.swansong.instrumentations', ['pg', 'c', 'pg']],
      ['instrumentation/development.js.pg', { requireParentSpan: true }],
      ['instrumentation/development.js.c', {}],
      ['instrumentation/development.java.spring', { enabled: true }],
    ],
    {
      'instrumentations.packages': ['@opentelemetry/instrumentation-pg', 'c'],
      'instrumentations.options.@opentelemetry/instrumentation-pg.requireParentSpan': true,
    },
  ],
  [[['distribution.swansong.enabled_instrumentations', ['http']]], { 'instrumentations.enabled': ['http'] }],
  [[['distribution.swansong.enabled_instrumentations', []]], { 'instrumentations.enabled': [] }],
  [[['distribution.swansong.disabled_instrumentations', ['undici']]], { 'instrumentations.disabled': ['undici'] }],
  [[['distribution.swansong.exception_signal', 'logs']], { exceptionSignal: 'logs' }],
  [[['distribution.swansong.sdk_metrics', true]], { sdkMetrics: true }],
  [[['distribution.swansong.genai_capture_message_content', true]], { 'instrumentations.captureContent': true }],
  [[['distribution.swansong.logs', ['console']]], { 'instrumentations.logs': ['console'] }],
  [[['distribution.swansong.logs', []]], { 'instrumentations.logs': [] }],
  [[['distribution.other.anything', 1]], {}],
  [[[`${HTTP}.endpoint`, 'https://host/x?key=1']], { 'traces.otlp.endpoint': 'https://host/x?key=1' }],
  [[[`${HTTP}.encoding`, 'json']], { 'traces.otlp.protocol': 'http/json' }],
  [
    [
      [
        `${HTTP}.headers`,
        [
          { name: 'A', value: 'x,=%' },
          { name: 'b', value: null },
        ],
      ],
      [`${HTTP}.headers_list`, 'a=weaker,c=%2C'],
    ],
    { 'traces.otlp.headers.a': 'x,=%', 'traces.otlp.headers.c': ',' },
  ],
  [[[`${HTTP}.compression`, 'gzip']], { 'traces.otlp.compression': 'gzip' }],
  [[[`${HTTP}.timeout`, 0]], { 'traces.otlp.timeoutMillis': Infinity }],
  [
    [[`${HTTP}.tls`, { ca_file: '/ca.pem', key_file: '/key.pem', cert_file: '/cert.pem' }]],
    {
      'traces.otlp.certificate': '/ca.pem',
      'traces.otlp.clientKey': '/key.pem',
      'traces.otlp.clientCertificate': '/cert.pem',
    },
  ],
  [[[`${TRACES}.exporter`, { otlp_grpc: null }]], grpc],
  [
    [
      [
        `${TRACES}.exporter`,
        {
          otlp_grpc: {
            endpoint: 'host:1',
            timeout: 7,
            compression: 'gzip',
            headers_list: 'a=1',
            tls: { insecure: true },
          },
        },
      ],
    ],
    {
      ...grpc,
      'traces.otlp.endpoint': 'http://host:1',
      'traces.otlp.timeoutMillis': 7,
      'traces.otlp.compression': 'gzip',
      'traces.otlp.headers.a': '1',
    },
  ],
  [
    [
      [
        `${TRACES}.exporter`,
        {
          otlp_grpc: {
            endpoint: 'host:1',
            headers: [{ name: 'a', value: '1' }],
            tls: { ca_file: '/ca.pem', key_file: '/key.pem', cert_file: '/cert.pem' },
          },
        },
      ],
    ],
    {
      'traces.otlp.protocol': 'grpc',
      'traces.otlp.endpoint': 'https://host:1',
      'traces.otlp.headers.a': '1',
      'traces.otlp.certificate': '/ca.pem',
      'traces.otlp.clientKey': '/key.pem',
      'traces.otlp.clientCertificate': '/cert.pem',
    },
  ],
  [
    [[`${TRACES}.exporter`, { 'otlp_file/development': { output_stream: 'stdout' } }]],
    { 'traces.exporters': ['otlp/stdout'] },
  ],
  [[[`${LOGS}.exporter`, { 'otlp_file/development': null }]], { 'logs.exporters': ['otlp/stdout'] }],
  [[[`${LOGS}.exporter`, { console: null }]], { 'logs.exporters': ['console'] }],
  [
    [[`${READER}.exporter.otlp_http`, { temporality_preference: 'low_memory', endpoint: 'http://h/' }]],
    { 'metrics.temporality': 'lowmemory', 'metrics.otlp.endpoint': 'http://h/' },
  ],
  [
    [[`${READER}.exporter`, { console: { default_histogram_aggregation: 'base2_exponential_bucket_histogram' } }]],
    { 'metrics.exporters': ['console'], 'metrics.histogramAggregation': 'base2_exponential_bucket_histogram' },
  ],
  [
    [
      [
        'tracer_provider.processors',
        [
          { simple: { exporter: { console: null } } },
          { batch: { max_queue_size: 600, exporter: { otlp_http: null } } },
          { batch: { max_queue_size: 600, exporter: { 'otlp_file/development': null } } },
        ],
      ],
    ],
    { 'traces.exporters': ['console', 'otlp', 'otlp/stdout'], 'traces.batch.maxQueueSize': 600 },
  ],
];

test.each(EFFECTS)('%j', (settings, expected) => {
  const content = settings.reduce((file, [key, value]) => withKey(file, key, value), defaultFile());
  expect(resolve(content).warnings).toEqual([]);
  expect(changes(content)).toEqual(expected);
});

test.each<[string, unknown, string, object?]>([
  ['resource.schema_url', 'http://x', 'not supported, ignoring it'],
  ['meter_provider.views', [{ selector: {}, stream: {} }], 'views are not supported, every instrument keeps'],
  ['meter_provider.exemplar_filter', 'always_on', 'exemplars are not supported, ignoring it'],
  ['tracer_provider.id_generator', { mine: {} }, 'this id generator is not supported, using random'],
  [
    'tracer_provider.sampler',
    { mine: {} },
    'this sampler is not supported, using parent_based with the root always_on',
  ],
  [
    'tracer_provider.sampler',
    { parent_based: { root: { mine: {} } } },
    'this sampler is not supported, using always_on',
  ],
  [
    'tracer_provider.sampler',
    { parent_based: { local_parent_not_sampled: { mine: {} } } },
    'this sampler is not supported, using always_off',
  ],
  ['tracer_provider.processors[1]', { mine: {} }, 'this processor is not supported, ignoring it'],
  [
    'logger_provider.processors[1]',
    { 'event_to_span_event_bridge/development': null },
    'this processor is not supported, ignoring it',
  ],
  [
    'tracer_provider.processors[1]',
    { batch: { exporter: { mine: {} } } },
    'this exporter is not supported, ignoring it',
  ],
  [
    'tracer_provider.processors[1]',
    { batch: { exporter: { otlp_grpc: {} } } },
    'a second OTLP exporter of a signal is not supported, ignoring this one',
  ],
  [
    'tracer_provider.processors[1]',
    { batch: { exporter: { 'otlp_file/development': { output_stream: 'file:///x' } } } },
    'expected stdout, files are not supported (got "file:///x"), ignoring this exporter',
  ],
  [
    'tracer_provider.processors[1]',
    { simple: { exporter: { 'otlp_file/development': {} } } },
    'expected the settings of tracer_provider.processors[0].batch, which apply to all exporters of the signal',
    { 'traces.exporters': ['otlp', 'otlp/stdout'] },
  ],
  [
    'meter_provider.readers[1]',
    { periodic: { interval: 7, exporter: { console: {} } } },
    'expected the settings of meter_provider.readers[0].periodic, which apply to all exporters of metrics',
    { 'metrics.exporters': ['otlp', 'console'] },
  ],
  [
    'meter_provider.readers[1]',
    { pull: { exporter: { 'prometheus/development': {} } } },
    'pull readers are not supported, ignoring this one',
  ],
  [`${READER}.producers`, [{ opencensus: null }], 'metric producers are not supported, ignoring them'],
  [`${READER}.cardinality_limits`, { default: 7 }, 'not supported, the limit of the SDK applies (2000)'],
  ['propagator.composite[2]', { jaeger: null }, 'this propagator is not supported, ignoring it'],
  ['propagator.composite_list', 'jaeger', 'expected a list of tracecontext, baggage, b3, b3multi (got "jaeger")'],
  ['resource.detection/development.detectors[3]', { container: null }, 'this resource detector is not supported'],
  ['resource.detection/development.attributes', { included: ['host.*'] }, 'not supported, all attributes'],
  [`${HTTP}.compression`, 'zstd', 'expected gzip or none (got "zstd"), using none'],
  [
    `${TRACES}.max_export_batch_size`,
    3000,
    'expected at most max_queue_size (got 3000), using 2048',
    { 'traces.batch.maxExportBatchSize': 2048 },
  ],
  [
    'instrumentation/development.general',
    { http: { client: { request_captured_headers: ['x'] } } },
    'not supported, ignoring it',
  ],
  [
    'instrumentation/development.js.express',
    { ignoreLayersType: ['middleware'] },
    'distribution.swansong.instrumentations does not have this name, ignoring its options',
  ],
  ['tracer_provider.tracer_configurator/development', {}, 'not supported, every tracer is on'],
  ['logger_provider.logger_configurator/development', {}, 'not supported, every logger is on'],
  ['meter_provider.meter_configurator/development', {}, 'not supported, every meter is on'],
  [`${READER}.max_export_batch_size/development`, 7, 'not supported, one request contains a whole collection'],
  ['telemetry', {}, 'unknown key, ignoring it'],
  ['file_format', '1.7', 'expected 1.0 or 1.1 (got "1.7"), reading it as 1.1'],
])(
  '%s: %j is told in one line that names file, line, column and key; the rest holds',
  (key, value, told, changed = {}) => {
    const content = withKey(defaultFile(), key, value);
    const { warnings } = resolve(content);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/^otel\.yaml:\d+:\d+: /);
    expect(warnings[0]).toContain(`: ${key}`);
    expect(warnings[0]).toContain(told);
    expect(changes(content)).toEqual(changed);
  },
);

test('a length limit of 0, which the SDK ignores, is the smallest that it does not ignore', () => {
  const { config, warnings } = resolve(withKey(defaultFile(), 'attribute_limits.attribute_value_length_limit', 0));
  expect(config.spanLimits.attributeValueLengthLimit).toBe(1);
  expect(warnings).toHaveLength(1);
});

describe('a file that is not valid', () => {
  test.each([
    ['', 'otel.yaml: expected a configuration (the file is empty)'],
    ['# nothing\n', 'otel.yaml: expected a configuration (the file is empty)'],
    ['just a text', 'otel.yaml:1:1: file_format: expected the text "1.0" or "1.1", in quotes (there is none)'],
    ['disabled: true', 'otel.yaml:1:1: file_format: expected the text "1.0" or "1.1", in quotes (there is none)'],
    ['x: 1\nfile_format: 1.0', 'otel.yaml:2:1: file_format: expected the text "1.0" or "1.1", in quotes (got 1)'],
    ['file_format: "0.4"', 'otel.yaml:1:1: file_format: expected the text "1.0" or "1.1", in quotes (got "0.4")'],
    ['file_format: "2.0"', 'otel.yaml:1:1: file_format: expected the text "1.0" or "1.1", in quotes (got "2.0")'],
    ['file_format: "1.1"\nresource: [hunter2', 'otel.yaml:2:19: Flow sequence in block collection must be'],
    ['a: 1\na: 2', 'otel.yaml:2:1: Map keys must be unique'],
    ['file_format: "1.1"\nresource: *hunter2', 'otel.yaml:2:11: expected an anchor of this name before the alias'],
    ['--- {}\n--- {}', 'otel.yaml:2:1: Source contains multiple documents; please use YAML.parseAllDocuments()'],
    ['file_format: "1.1"\n\nlog_level: loud', 'otel.yaml:3:1: log_level: must be equal to one of the allowed values'],
    ['file_format: "1.1"\ntracer_provider:', 'otel.yaml:2:1: tracer_provider: must be object'],
    [
      'file_format: "1.1"\ntracer_provider:\n  sampler: {}',
      "otel.yaml:2:1: tracer_provider: must have required property 'processors'",
    ],
    [
      'file_format: "1.1"\npropagator:\n  composit: []',
      'otel.yaml:3:3: propagator.composit: unknown key, expected one of composite, composite_list',
    ],
    [
      'file_format: "1.1"\nresource:\n  attributes:\n    - name: a\n      vaule: b',
      "otel.yaml:4:7: resource.attributes[0]: must have required property 'value'",
    ],
    [
      'file_format: "1.1"\nresource:\n  attributes_list: ${1:hunter2}',
      'otel.yaml:3:3: resource.attributes_list: expected ${NAME} or ${NAME:-default} as the reference to a variable',
    ],
    [
      'file_format: "1.1"\ndistribution:\n  swansong:\n    exit_timout: 1',
      'otel.yaml:4:5: distribution.swansong.exit_timout: unknown key, expected one of disabled_instrumentations, enabled_instrumentations, exception_signal, exit_timeout, genai_capture_message_content, instrumentations, logs, sdk_metrics, shutdown_timeout',
    ],
  ])('%j', (content, problem) => {
    expect(refusal(content)).toMatch(startingWith(problem));
    expect(refusal(content)).not.toContain('hunter2');
  });

  test.each([
    [`${TRACES}.schedule_delay`, 2 ** 31, 'expected milliseconds, an integer from 0 to 2147483647 (got 2147483648)'],
    [`${TRACES}.max_queue_size`, 0, 'must be > 0'],
    [`${TRACES}.schedule_delay`, 'soon', 'must be integer or null'],
    [`${HTTP}.endpoint`, 'localhost:4318', 'expected an http or https URL (got "localhost:4318")'],
    [`${HTTP}.tls.ca_file`, 'ca.pem', 'expected the absolute path of a PEM file (got "ca.pem")'],
    [`${HTTP}.tls.key_file`, '-----BEGIN hunter2', 'expected the path of a PEM file (got the contents of one)'],
    [`${HTTP}.headers_list`, 'hunter2', 'expected name=value pairs, percent-encoded (item 1 has no "=")'],
    [`${READER}.interval`, 0, 'expected milliseconds, an integer from 1 to 2147483647 (got 0)'],
    ['resource.attributes_list', 'a', 'expected key=value pairs, percent-encoded (got "a")'],
    ['distribution.swansong', 1, 'must be object'],
    ['distribution.swansong.exit_timeout', '1', 'expected a number (got a text)'],
    ['distribution.swansong.sdk_metrics', 'hunter2', 'expected true or false (got a text)'],
    ['distribution.swansong.exception_signal', 'spans', 'expected one of logs, logs/dup (got "spans")'],
    ['distribution.swansong.instrumentations', 'a', 'expected a list of package names (got a text)'],
    ['distribution.swansong.instrumentations', ['./a'], 'expected a list of package names (got "./a" in it)'],
    [
      'distribution.swansong.enabled_instrumentations',
      ['oracledb'],
      `expected a list of ${BUILT_IN_INSTRUMENTATIONS.join(', ')} (got "oracledb" in it)`,
    ],
  ])('%s: %j', (key, value, problem) => {
    const told = refusal(withKey(defaultFile(), key, value));
    expect(told).toMatch(/^otel\.yaml:\d+:\d+: /);
    expect(told).toMatch(endingWith(`: ${key}: ${problem}`));
    expect(told).not.toContain('hunter2');
  });

  test.each([
    [{ name: 'a', value: 1.1 }, 'expected the type string, in quotes where it looks like something else (got 1.1)'],
    [{ name: 'a', value: 'x', type: 'int' }, 'expected the type int (got a text)'],
    [{ name: 'a', value: 1.5, type: 'int' }, 'expected the type int (got 1.5)'],
    [{ name: 'a', value: [1], type: 'int' }, 'expected the type int (got a list)'],
    [{ name: 'a', value: [1], type: 'string_array' }, 'expected the type string_array (got a list)'],
  ])('the attribute %j', (attribute, problem) => {
    const told = refusal(withKey(defaultFile(), 'resource.attributes', [attribute]));
    expect(told).toMatch(endingWith(`: resource.attributes[0].value: ${problem}`));
  });

  test('a header that no request may have, without its value', () => {
    const told = refusal(withKey(defaultFile(), `${HTTP}.headers`, [{ name: 'a', value: 'hunter2\n' }]));
    expect(told).toMatch(
      /headers\[0\]\.value: expected the name and the value of a header \(it has a character no header may have\)$/,
    );
  });

  test('more than one problem: the first, and how many there are', () => {
    const first = withKey(defaultFile(), 'distribution.swansong', { exit_timeout: -1, shutdown_timeout: 0 });
    expect(refusal(first)).toMatch(/exit_timeout: .* \(and 1 more\)$/);
  });

  test('one that is missing, none, or too large', () => {
    expect(readConfigFile('/nowhere/otel.yaml', {})).toEqual({
      status: 'refused',
      problem: 'OTEL_CONFIG_FILE: "/nowhere/otel.yaml" cannot be read (ENOENT)',
    });
    expect(readConfigFile('/dev/null', {})).toEqual({
      status: 'refused',
      problem: 'OTEL_CONFIG_FILE: expected a file (got "/dev/null", which is not one)',
    });
    expect(refusal(`# ${'x'.repeat(1_048_576)}`)).toMatch(/ has 1048578 bytes, expected at most 1048576$/);
  });

  test('one whose aliases expand beyond all measure', () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'];
    const rows = names.map(
      (name, index) => `${name}: &${name} [${index === 0 ? 'x' : `*${names[index - 1]}, `.repeat(9)}]`,
    );
    expect(refusal(rows.join('\n'))).toBe('otel.yaml: Excessive alias count indicates a resource exhaustion attack');
  });
});

test('aliases are followed to the line where the value stands', () => {
  expect(refusal('file_format: "1.1"\nx: &x\n  y: 1\npropagator: *x')).toMatch(
    /^otel\.yaml:3:3: propagator\.y: unknown key/,
  );
});

describe('variables beside the file', () => {
  test('those that are set are ignored, and named without their values', () => {
    const { config, warnings } = resolve(defaultFile(), {
      OTEL_CONFIG_FILE: 'x',
      OTEL_BSP_MAX_QUEUE_SIZE: 'hunter2',
      OTEL_EXPORTER_OTLP_HEADERS: 'a=hunter2',
      OTEL_METRICS_EXEMPLAR_FILTER: 'always_on',
      SWANSONG_EXIT_TIMEOUT: '1',
      OTEL_LOG_LEVEL: ' ',
      OTEL_OF_SOMEBODY_ELSE: '1',
    });
    expect(config.traces.batch.maxQueueSize).toBe(2048);
    expect(warnings).toEqual([
      'OTEL_CONFIG_FILE is set, ignoring OTEL_BSP_MAX_QUEUE_SIZE, SWANSONG_EXIT_TIMEOUT, OTEL_EXPORTER_OTLP_HEADERS, OTEL_METRICS_EXEMPLAR_FILTER',
    ]);
  });

  test('those that the file refers to are not ignored', () => {
    const environment = { OTEL_SERVICE_NAME: 'a', OTEL_LOG_LEVEL: 'b', OTEL_PROPAGATORS: 'c', OTEL_SDK_DISABLED: 'd' };
    const list = 'x=${OTEL_SERVICE_NAME},y=${env:OTEL_LOG_LEVEL:-z},z=$${OTEL_SDK_DISABLED}${OTEL_PROPAGATORS:-}';
    expect(resolve({ file_format: '1.1', resource: { attributes_list: list } }, environment).warnings).toEqual([
      'OTEL_CONFIG_FILE is set, ignoring OTEL_SDK_DISABLED',
    ]);
  });

  test('OTEL_SERVICE_NAME is what the detector of the service reads, and an attribute is stronger', () => {
    const environment = { OTEL_SERVICE_NAME: 'checkout' };
    const { config, warnings } = resolve(defaultFile(), environment);
    expect(config.resource.serviceName).toBe('checkout');
    expect(warnings).toEqual([]);
    const named = withKey(defaultFile(), 'resource.attributes', [{ name: 'service.name', value: 'shop' }]);
    expect(resolve(named, environment).config.resource).toMatchObject({
      serviceName: undefined,
      attributes: { 'service.name': 'shop' },
    });
  });

  test('those of the self-metrics hold', () => {
    const { config, warnings } = resolve(defaultFile(), {
      SWANSONG_SELF_METRICS_FILE: '/x.jsonl',
      SWANSONG_SELF_METRICS_INTERVAL: 'often',
    });
    expect(config.selfMetrics).toMatchObject({ file: '/x.jsonl', intervalMillis: 60_000 });
    expect(warnings).toEqual([expect.stringMatching(/^SWANSONG_SELF_METRICS_INTERVAL: expected milliseconds/)]);
  });
});

test('the description has what holds, and no secret', () => {
  const settings: readonly (readonly [string, unknown])[] = [
    [`${HTTP}.endpoint`, 'https://user:hunter2@host/?key=hunter2'],
    [`${HTTP}.headers`, [{ name: 'A', value: 'hunter2' }]],
    [`${HTTP}.headers_list`, 'b=hunter2'],
    ['resource.attributes_list', 'c=1'],
    ['distribution.swansong.exit_timeout', 7],
  ];
  const content = settings.reduce((file, [key, value]) => withKey(file, key, value), defaultFile());
  const { config, description } = resolve(content);
  expect(description).toEqual([
    `OTEL_CONFIG_FILE=${JSON.stringify(config.configFile)}`,
    'resource.attributes_list=c="1"',
    `${HTTP}.headers_list=b=[redacted]`,
    `${HTTP}.headers[0].name="A"`,
    `${HTTP}.headers[0].value=[redacted]`,
    `${HTTP}.endpoint=https://[redacted]@host/?[redacted]`,
    'distribution.swansong.exit_timeout=7',
  ]);
});

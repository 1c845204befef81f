import { BUILT_IN_INSTRUMENTATIONS } from './built-in-instrumentations.ts';
import { LOG_SOURCES } from './log-sources.ts';

/** The rows of the table in `variables.ts` for the SDK and for swansong itself. */
export const sdkVariables = {
  OTEL_CONFIG_FILE: {
    kind: 'string',
    description:
      'Path of a configuration file (YAML). It takes the place of all other variables but `SWANSONG_SELF_METRICS_*`.',
  },
  OTEL_SDK_DISABLED: {
    kind: 'boolean',
    default: false,
    description: 'Turns all telemetry off. Propagators still work.',
  },
  OTEL_LOG_LEVEL: {
    kind: 'enum',
    values: ['none', 'error', 'warn', 'info', 'debug', 'verbose', 'all'],
    default: 'info',
    description: 'How much swansong says about itself on stderr.',
  },
  OTEL_SERVICE_NAME: {
    kind: 'string',
    description:
      'The name of your service. Wins over `service.name` in `OTEL_RESOURCE_ATTRIBUTES`. Without either it is the name in the `package.json` of the application.',
  },
  OTEL_RESOURCE_ATTRIBUTES: {
    kind: 'attributes',
    description: 'Attributes of everything this process sends, such as `deployment.environment.name=staging`.',
  },
  OTEL_PROPAGATORS: {
    kind: 'list',
    values: ['tracecontext', 'baggage', 'b3', 'b3multi'],
    default: ['tracecontext', 'baggage'],
    description: 'How context travels in the headers of requests.',
  },
  OTEL_TRACES_SAMPLER: {
    kind: 'enum',
    values: [
      'always_on',
      'always_off',
      'traceidratio',
      'parentbased_always_on',
      'parentbased_always_off',
      'parentbased_traceidratio',
    ],
    default: 'parentbased_always_on',
    description: 'Which traces are recorded.',
  },
  OTEL_TRACES_SAMPLER_ARG: {
    kind: 'ratio',
    default: 1,
    description: 'Share of traces recorded by the `traceidratio` samplers.',
  },
  OTEL_TRACES_EXPORTER: {
    kind: 'list',
    values: ['otlp', 'console', 'otlp/stdout'],
    default: ['otlp'],
    description: 'Where spans go.',
  },
  OTEL_METRICS_EXPORTER: {
    kind: 'list',
    values: ['otlp', 'console', 'otlp/stdout'],
    default: ['otlp'],
    description: 'Where metrics go.',
  },
  OTEL_LOGS_EXPORTER: {
    kind: 'list',
    values: ['otlp', 'console', 'otlp/stdout'],
    default: ['otlp'],
    description: 'Where log records go.',
  },
  OTEL_METRIC_EXPORT_INTERVAL: {
    kind: 'duration',
    min: 1,
    default: 60_000,
    description: 'Time between two exports of metrics.',
  },
  OTEL_METRIC_EXPORT_TIMEOUT: {
    kind: 'timeout',
    default: 30_000,
    description: 'Time one export of metrics may take.',
  },
  OTEL_BSP_SCHEDULE_DELAY: {
    kind: 'duration',
    default: 5000,
    description: 'Longest wait before ended spans are exported.',
  },
  OTEL_BSP_EXPORT_TIMEOUT: {
    kind: 'timeout',
    default: 30_000,
    description: 'Time one export of spans may take.',
  },
  OTEL_BSP_MAX_QUEUE_SIZE: {
    kind: 'integer',
    min: 1,
    default: 2048,
    description: 'Most ended spans that wait for the backend.',
  },
  OTEL_BSP_MAX_EXPORT_BATCH_SIZE: {
    kind: 'integer',
    min: 1,
    default: 512,
    description: 'Most spans in one request. At most `OTEL_BSP_MAX_QUEUE_SIZE`.',
  },
  OTEL_BLRP_SCHEDULE_DELAY: {
    kind: 'duration',
    default: 1000,
    description: 'Longest wait before log records are exported.',
  },
  OTEL_BLRP_EXPORT_TIMEOUT: {
    kind: 'timeout',
    default: 30_000,
    description: 'Time one export of log records may take.',
  },
  OTEL_BLRP_MAX_QUEUE_SIZE: {
    kind: 'integer',
    min: 1,
    default: 2048,
    description: 'Most log records that wait for the backend.',
  },
  OTEL_BLRP_MAX_EXPORT_BATCH_SIZE: {
    kind: 'integer',
    min: 1,
    default: 512,
    description: 'Most log records in one request. At most `OTEL_BLRP_MAX_QUEUE_SIZE`.',
  },
  OTEL_ATTRIBUTE_COUNT_LIMIT: {
    kind: 'integer',
    default: 128,
    description: 'Most attributes on a span or log record.',
  },
  // From 1: the SDK (3.1) ignores a length limit of 0, which the specification allows.
  OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: {
    kind: 'integer',
    min: 1,
    default: 'unlimited',
    description: 'Longest attribute value in characters; longer ones are cut.',
  },
  OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: {
    kind: 'integer',
    inherits: 'OTEL_ATTRIBUTE_COUNT_LIMIT',
    description: 'Most attributes on a span.',
  },
  OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT: {
    kind: 'integer',
    min: 1,
    inherits: 'OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT',
    description: 'Longest attribute value of a span in characters.',
  },
  OTEL_SPAN_EVENT_COUNT_LIMIT: {
    kind: 'integer',
    default: 128,
    description: 'Most events on a span.',
  },
  OTEL_SPAN_LINK_COUNT_LIMIT: {
    kind: 'integer',
    default: 128,
    description: 'Most links on a span.',
  },
  OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT: {
    kind: 'integer',
    default: 128,
    description: 'Most attributes on an event of a span.',
  },
  OTEL_LINK_ATTRIBUTE_COUNT_LIMIT: {
    kind: 'integer',
    default: 128,
    description: 'Most attributes on a link of a span.',
  },
  OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT: {
    kind: 'integer',
    inherits: 'OTEL_ATTRIBUTE_COUNT_LIMIT',
    description: 'Most attributes on a log record.',
  },
  OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT: {
    kind: 'integer',
    min: 1,
    inherits: 'OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT',
    description: 'Longest attribute value of a log record in characters.',
  },
  OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN: {
    kind: 'enum',
    values: ['logs', 'logs/dup'],
    default: 'logs/dup',
    description: 'Where errors are recorded: as log records only, or as span events too.',
  },
  OTEL_NODE_RESOURCE_DETECTORS: {
    kind: 'list',
    values: ['env', 'host', 'os', 'process', 'serviceinstance'],
    all: true,
    default: ['env', 'host', 'os', 'process', 'serviceinstance'],
    description: 'What is detected about this process and its host.',
  },
  OTEL_NODE_ENABLED_INSTRUMENTATIONS: {
    kind: 'filter',
    values: BUILT_IN_INSTRUMENTATIONS as typeof BUILT_IN_INSTRUMENTATIONS,
    description: 'Of the built-in instrumentations, only these.',
  },
  OTEL_NODE_DISABLED_INSTRUMENTATIONS: {
    kind: 'filter',
    values: BUILT_IN_INSTRUMENTATIONS as typeof BUILT_IN_INSTRUMENTATIONS,
    description: 'Of the built-in instrumentations, not these.',
  },
  OTEL_NODE_EXPERIMENTAL_SDK_METRICS: {
    kind: 'boolean',
    default: false,
    description: "The SDK's metrics about itself (`otel.sdk.*`) among the application's own.",
  },
  OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: {
    kind: 'boolean',
    default: false,
    description: 'Prompts, answers and arguments of tools on the spans of language models.',
  },
  SWANSONG_INSTRUMENTATIONS: {
    kind: 'packages',
    description:
      "More instrumentations, loaded from your application's `node_modules`: `pg` for `@opentelemetry/instrumentation-pg`, or the name of any package. One for what is built in takes the place of the built-in one.",
  },
  SWANSONG_INSTRUMENTATIONS_CONFIG: {
    kind: 'options',
    description: 'Options of these instrumentations, such as `{"express":{"ignoreLayersType":["middleware"]}}`.',
  },
  SWANSONG_LOGS: {
    kind: 'list',
    values: LOG_SOURCES as typeof LOG_SOURCES,
    default: ['pino'],
    description: 'What the application logs by these, as log records. What it writes stays the same.',
  },
  SWANSONG_EXIT_TIMEOUT: {
    kind: 'duration',
    default: 2000,
    description:
      'Time the end of the process may take to pack what is left and to wait for the backend; `0`: nothing is delivered at the end.',
  },
  SWANSONG_SHUTDOWN_TIMEOUT: {
    kind: 'duration',
    min: 1,
    default: 5000,
    description: 'Time `shutdown()` and `forceFlush()` may take unless the call says otherwise.',
  },
} as const;

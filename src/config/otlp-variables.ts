/** The rows of the table in `variables.ts` for OTLP: each general variable, then its three signal-specific ones. */
export const otlpVariables = {
  OTEL_EXPORTER_OTLP_ENDPOINT: {
    kind: 'url',
    default: 'http://localhost:4318',
    description:
      'Base URL of the backend; `v1/traces`, `v1/metrics` and `v1/logs` are appended. For `grpc` used as it is, default `http://localhost:4317`.',
  },
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: {
    kind: 'url',
    inherits: 'OTEL_EXPORTER_OTLP_ENDPOINT',
    description: 'URL for spans, used as it is.',
  },
  OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: {
    kind: 'url',
    inherits: 'OTEL_EXPORTER_OTLP_ENDPOINT',
    description: 'URL for metrics, used as it is.',
  },
  OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: {
    kind: 'url',
    inherits: 'OTEL_EXPORTER_OTLP_ENDPOINT',
    description: 'URL for log records, used as it is.',
  },
  OTEL_EXPORTER_OTLP_PROTOCOL: {
    kind: 'enum',
    values: ['grpc', 'http/protobuf', 'http/json'],
    default: 'http/protobuf',
    description: 'How telemetry is sent.',
  },
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: {
    kind: 'enum',
    values: ['grpc', 'http/protobuf', 'http/json'],
    inherits: 'OTEL_EXPORTER_OTLP_PROTOCOL',
    description: 'The same for spans only.',
  },
  OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: {
    kind: 'enum',
    values: ['grpc', 'http/protobuf', 'http/json'],
    inherits: 'OTEL_EXPORTER_OTLP_PROTOCOL',
    description: 'The same for metrics only.',
  },
  OTEL_EXPORTER_OTLP_LOGS_PROTOCOL: {
    kind: 'enum',
    values: ['grpc', 'http/protobuf', 'http/json'],
    inherits: 'OTEL_EXPORTER_OTLP_PROTOCOL',
    description: 'The same for log records only.',
  },
  OTEL_EXPORTER_OTLP_HEADERS: {
    kind: 'headers',
    secret: true,
    description: 'Headers of every request, such as an API key.',
  },
  OTEL_EXPORTER_OTLP_TRACES_HEADERS: {
    kind: 'headers',
    secret: true,
    inherits: 'OTEL_EXPORTER_OTLP_HEADERS',
    description: 'Headers for spans; merged with the general ones and stronger.',
  },
  OTEL_EXPORTER_OTLP_METRICS_HEADERS: {
    kind: 'headers',
    secret: true,
    inherits: 'OTEL_EXPORTER_OTLP_HEADERS',
    description: 'Headers for metrics; merged with the general ones and stronger.',
  },
  OTEL_EXPORTER_OTLP_LOGS_HEADERS: {
    kind: 'headers',
    secret: true,
    inherits: 'OTEL_EXPORTER_OTLP_HEADERS',
    description: 'Headers for log records; merged with the general ones and stronger.',
  },
  OTEL_EXPORTER_OTLP_COMPRESSION: {
    kind: 'enum',
    values: ['gzip', 'none'],
    default: 'none',
    description: 'Compression of requests.',
  },
  OTEL_EXPORTER_OTLP_TRACES_COMPRESSION: {
    kind: 'enum',
    values: ['gzip', 'none'],
    inherits: 'OTEL_EXPORTER_OTLP_COMPRESSION',
    description: 'The same for spans only.',
  },
  OTEL_EXPORTER_OTLP_METRICS_COMPRESSION: {
    kind: 'enum',
    values: ['gzip', 'none'],
    inherits: 'OTEL_EXPORTER_OTLP_COMPRESSION',
    description: 'The same for metrics only.',
  },
  OTEL_EXPORTER_OTLP_LOGS_COMPRESSION: {
    kind: 'enum',
    values: ['gzip', 'none'],
    inherits: 'OTEL_EXPORTER_OTLP_COMPRESSION',
    description: 'The same for log records only.',
  },
  OTEL_EXPORTER_OTLP_TIMEOUT: {
    kind: 'timeout',
    default: 10_000,
    description: 'Time one request may take.',
  },
  OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: {
    kind: 'timeout',
    inherits: 'OTEL_EXPORTER_OTLP_TIMEOUT',
    description: 'The same for spans only.',
  },
  OTEL_EXPORTER_OTLP_METRICS_TIMEOUT: {
    kind: 'timeout',
    inherits: 'OTEL_EXPORTER_OTLP_TIMEOUT',
    description: 'The same for metrics only.',
  },
  OTEL_EXPORTER_OTLP_LOGS_TIMEOUT: {
    kind: 'timeout',
    inherits: 'OTEL_EXPORTER_OTLP_TIMEOUT',
    description: 'The same for log records only.',
  },
  OTEL_EXPORTER_OTLP_CERTIFICATE: {
    kind: 'path',
    description: "PEM file with the certificates to trust when the backend's is checked.",
  },
  OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE: {
    kind: 'path',
    inherits: 'OTEL_EXPORTER_OTLP_CERTIFICATE',
    description: 'The same for spans only.',
  },
  OTEL_EXPORTER_OTLP_METRICS_CERTIFICATE: {
    kind: 'path',
    inherits: 'OTEL_EXPORTER_OTLP_CERTIFICATE',
    description: 'The same for metrics only.',
  },
  OTEL_EXPORTER_OTLP_LOGS_CERTIFICATE: {
    kind: 'path',
    inherits: 'OTEL_EXPORTER_OTLP_CERTIFICATE',
    description: 'The same for log records only.',
  },
  OTEL_EXPORTER_OTLP_CLIENT_KEY: {
    kind: 'path',
    description: "PEM file with the client's private key (mTLS).",
  },
  OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY: {
    kind: 'path',
    inherits: 'OTEL_EXPORTER_OTLP_CLIENT_KEY',
    description: 'The same for spans only.',
  },
  OTEL_EXPORTER_OTLP_METRICS_CLIENT_KEY: {
    kind: 'path',
    inherits: 'OTEL_EXPORTER_OTLP_CLIENT_KEY',
    description: 'The same for metrics only.',
  },
  OTEL_EXPORTER_OTLP_LOGS_CLIENT_KEY: {
    kind: 'path',
    inherits: 'OTEL_EXPORTER_OTLP_CLIENT_KEY',
    description: 'The same for log records only.',
  },
  OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: {
    kind: 'path',
    description: "PEM file with the client's certificates (mTLS).",
  },
  OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE: {
    kind: 'path',
    inherits: 'OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE',
    description: 'The same for spans only.',
  },
  OTEL_EXPORTER_OTLP_METRICS_CLIENT_CERTIFICATE: {
    kind: 'path',
    inherits: 'OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE',
    description: 'The same for metrics only.',
  },
  OTEL_EXPORTER_OTLP_LOGS_CLIENT_CERTIFICATE: {
    kind: 'path',
    inherits: 'OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE',
    description: 'The same for log records only.',
  },
  OTEL_EXPORTER_OTLP_INSECURE: {
    kind: 'boolean',
    default: false,
    description: '`grpc` without TLS where the endpoint has neither `http://` nor `https://`.',
  },
  OTEL_EXPORTER_OTLP_TRACES_INSECURE: {
    kind: 'boolean',
    inherits: 'OTEL_EXPORTER_OTLP_INSECURE',
    description: 'The same for spans only.',
  },
  OTEL_EXPORTER_OTLP_METRICS_INSECURE: {
    kind: 'boolean',
    inherits: 'OTEL_EXPORTER_OTLP_INSECURE',
    description: 'The same for metrics only.',
  },
  OTEL_EXPORTER_OTLP_LOGS_INSECURE: {
    kind: 'boolean',
    inherits: 'OTEL_EXPORTER_OTLP_INSECURE',
    description: 'The same for log records only.',
  },
  OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: {
    kind: 'enum',
    values: ['cumulative', 'delta', 'lowmemory'],
    default: 'cumulative',
    description: 'Whether the sum of a metric counts from the start or from the last export.',
  },
  OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION: {
    kind: 'enum',
    values: ['explicit_bucket_histogram', 'base2_exponential_bucket_histogram'],
    default: 'explicit_bucket_histogram',
    description: 'The form of histograms.',
  },
} as const;

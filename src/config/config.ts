import type { LogSource } from './log-sources.ts';

/** How much swansong itself writes to stderr. */
export type LogLevel = 'none' | 'error' | 'warn' | 'info' | 'debug' | 'verbose' | 'all';
export type ResourceDetector = 'env' | 'host' | 'os' | 'process' | 'serviceinstance';
export type PropagatorName = 'tracecontext' | 'baggage' | 'b3' | 'b3multi';
export type SamplerName =
  | 'always_on'
  | 'always_off'
  | 'traceidratio'
  | 'parentbased_always_on'
  | 'parentbased_always_off'
  | 'parentbased_traceidratio';
export type ExporterName = 'otlp' | 'console' | 'otlp/stdout';
export type OtlpProtocol = 'grpc' | 'http/protobuf' | 'http/json';

/** Where and how one signal is sent by OTLP: from the signal's own variable, else the general one, else the default. */
export interface OtlpConfig {
  readonly protocol: OtlpProtocol;
  /** Full URL. For HTTP it includes the signal's path (`…/v1/traces`). */
  readonly endpoint: string;
  /** Secret: never printed. */
  readonly headers: Readonly<Record<string, string>>;
  readonly compression: 'gzip' | 'none';
  /** Milliseconds one request may take; `Infinity` where the variable says 0. */
  readonly timeoutMillis: number;
  /** Path of the PEM file with the CA to trust. */
  readonly certificate: string | undefined;
  /** Path of the PEM file with the client's private key (mTLS). */
  readonly clientKey: string | undefined;
  /** Path of the PEM file with the client's certificate (mTLS). */
  readonly clientCertificate: string | undefined;
  /** gRPC without TLS. */
  readonly insecure: boolean;
}

/** The OTEL_BSP_* or OTEL_BLRP_* variables. */
export interface BatchConfig {
  readonly scheduleDelayMillis: number;
  /** `Infinity` where the variable says 0. */
  readonly exportTimeoutMillis: number;
  readonly maxQueueSize: number;
  readonly maxExportBatchSize: number;
}

export interface BatchedSignalConfig {
  /** Empty: the signal is off (`none`). */
  readonly exporters: readonly ExporterName[];
  readonly otlp: OtlpConfig;
  readonly batch: BatchConfig;
}

export interface MetricsConfig {
  readonly exporters: readonly ExporterName[];
  readonly otlp: OtlpConfig;
  readonly exportIntervalMillis: number;
  /** `Infinity` where the variable says 0. */
  readonly exportTimeoutMillis: number;
  readonly temporality: 'cumulative' | 'delta' | 'lowmemory';
  readonly histogramAggregation: 'explicit_bucket_histogram' | 'base2_exponential_bucket_histogram';
}

/** The SWANSONG_SELF_METRICS_* variables; a way out that is undefined is off. */
export interface SelfMetricsConfig {
  readonly file: string | undefined;
  readonly fileMaxBytes: number;
  readonly fileMaxTotalBytes: number;
  /** `host:port`. */
  readonly http: string | undefined;
  /** Host names that requests there may be for; see `AllowedHosts`. */
  readonly httpAllowedHosts: readonly string[];
  /** Full URL (`…/v1/metrics`). */
  readonly otlpEndpoint: string | undefined;
  /** Secret: never printed. */
  readonly otlpHeaders: Readonly<Record<string, string>>;
  readonly intervalMillis: number;
}

/** A sampler; a `parentbased_…` one decides by `name` and `ratio` only for spans without a parent. */
export interface SamplerConfig {
  readonly name: SamplerName;
  readonly ratio: number;
  /** For `parentbased_…`: the samplers for spans with a parent. Default: the parent's decision is taken over. */
  readonly parents?: {
    readonly remoteParentSampled?: SamplerConfig;
    readonly remoteParentNotSampled?: SamplerConfig;
    readonly localParentSampled?: SamplerConfig;
    readonly localParentNotSampled?: SamplerConfig;
  };
}

/** The options of one instrumentation, as its package documents them. */
export type InstrumentationOptions = Readonly<Record<string, unknown>>;

export type ResourceAttribute = string | number | boolean | string[] | number[] | boolean[];

/** All of swansong's configuration, resolved once at start and frozen. Nothing reads the environment after that. */
export interface Config {
  /** OTEL_CONFIG_FILE, if the configuration comes from a file; undefined if it comes from the variables. */
  readonly configFile: string | undefined;
  readonly disabled: boolean;
  readonly logLevel: LogLevel;
  readonly resource: {
    readonly serviceName: string | undefined;
    readonly attributes: Readonly<Record<string, ResourceAttribute>>;
    readonly detectors: readonly ResourceDetector[];
  };
  readonly propagators: readonly PropagatorName[];
  readonly sampler: SamplerConfig;
  readonly spanLimits: {
    readonly attributeCountLimit: number;
    readonly attributeValueLengthLimit: number;
    readonly eventCountLimit: number;
    readonly linkCountLimit: number;
    readonly attributePerEventCountLimit: number;
    readonly attributePerLinkCountLimit: number;
  };
  readonly logRecordLimits: {
    readonly attributeCountLimit: number;
    readonly attributeValueLengthLimit: number;
  };
  readonly traces: BatchedSignalConfig;
  readonly logs: BatchedSignalConfig;
  readonly metrics: MetricsConfig;
  readonly instrumentations: {
    /** OTEL_NODE_ENABLED_INSTRUMENTATIONS: when given, only these of the built-in ones. */
    readonly enabled: readonly string[] | undefined;
    /** OTEL_NODE_DISABLED_INSTRUMENTATIONS. */
    readonly disabled: readonly string[];
    /** SWANSONG_INSTRUMENTATIONS: packages to load from the application's node_modules, each once, by their full names. */
    readonly packages: readonly string[];
    /** SWANSONG_INSTRUMENTATIONS_CONFIG: options of these packages, by the same names. */
    readonly options: Readonly<Record<string, InstrumentationOptions>>;
    /** OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: what is said to language models, and what they say. */
    readonly captureContent: boolean;
    /** SWANSONG_LOGS: whose lines are log records. */
    readonly logs: readonly LogSource[];
  };
  /** OTEL_NODE_EXPERIMENTAL_SDK_METRICS: `otel.sdk.*` among the application's metrics. */
  readonly sdkMetrics: boolean;
  /** OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN: errors as log records only, or as span events too. */
  readonly exceptionSignal: 'logs' | 'logs/dup';
  /** SWANSONG_EXIT_TIMEOUT: milliseconds the end of the process may take to pack and to wait for the backend; 0 = no delivery then. */
  readonly exitTimeoutMillis: number;
  readonly selfMetrics: SelfMetricsConfig;
  /** SWANSONG_SHUTDOWN_TIMEOUT: milliseconds, the default of `shutdown()` and `forceFlush()`. */
  readonly shutdownTimeoutMillis: number;
}

import type { Attributes, Context, Meter, MetricOptions, SpanKind, Tracer } from '@opentelemetry/api';
import type { BuiltInInstrumentation } from '../../config/built-in-instrumentations.ts';

/** What is recorded of one operation of a library: a query, a command, a message that is sent. */
export interface Operation {
  /** The span's name: of low cardinality. */
  readonly name: string;
  readonly attributes: Attributes;
  /** Where it differs from that of the channel's other operations. */
  readonly kind?: SpanKind;
  /** Attributes of the duration; all of low cardinality. Undefined: it is not measured. */
  readonly measured?: Attributes;
  /** The context that the span belongs to, where it is not the caller's: that of a message's sender. */
  readonly parent?: Context;
}

/** How an operation failed. */
export interface Failure {
  /** `error.type` and what else belongs to the failure, such as `db.response.status_code`; on the span and the duration. */
  readonly attributes: Attributes & { readonly 'error.type': string };
  /** The description of the span's status. It must not quote values of the application. */
  readonly description?: string;
}

/** Ends an operation that has not ended yet. */
export type EndOperation = (thrown?: { readonly error: unknown }) => void;

/** The span that belongs to each message of a tracing channel. */
export interface TracedSpan {
  readonly kind: SpanKind;
  /** Also without a recording parent. Default: not, since clients that poll would make a trace each time. */
  readonly mayBeRoot?: boolean;
  /** Undefined: no span. Called before the operation begins, in the caller's context. */
  readonly describe: (message: object) => Operation | undefined;
  /** What the result adds; called when the operation has ended without an error. */
  readonly outcome?: (message: object) => Attributes;
  /** For a library that returns errors: undefined if the result is none. Its attributes are in addition to those of `outcome`. */
  readonly failedResult?: (message: object) => Failure | undefined;
  /** Default: `error.type` as for errors anywhere else, without a description. Undefined: it is what the caller wanted. */
  readonly failure?: (error: unknown) => Failure | undefined;
  /** For a library that does not always publish the end: called with what ends the operation. */
  readonly started?: (message: object, end: EndOperation) => void;
  /** Whether the operation goes on although the library says that it has ended: what it returned is a stream. */
  readonly continues?: (message: object) => boolean;
  /** Gives the context to the receiver of what is sent: the span's, or that of a caller that is not sampled. */
  readonly propagate?: (message: object, context: Context) => void;
}

/**
 * A tracing channel of a library (`tracing:NAME:start` and its neighbours). A callback of it runs in the context of its caller, also
 * where the library would call it in that of another request, whose connection or socket is used.
 */
export interface TracedChannel {
  readonly channel: string;
  /** Undefined: only the context is restored, as after waiting for a connection of a pool. */
  readonly span?: TracedSpan;
  /** Without a span: what is done belongs to no caller but to all, such as connecting. It runs in no span. */
  readonly isShared?: boolean;
}

/** What else it takes to record a library: what it publishes that is no operation with an end, or what has it publish. */
interface Observation {
  /** The channels that are subscribed to. */
  readonly channels: readonly string[];
  readonly start: (tracer: Tracer, meter: Meter) => void;
}

/** The histogram of a library's durations. */
interface DurationMetric extends MetricOptions {
  readonly name: string;
}

/** A library that publishes what it does on diagnostics channels. */
export interface Library {
  /** The name for OTEL_NODE_ENABLED_INSTRUMENTATIONS. */
  readonly name: BuiltInInstrumentation;
  /** The npm package, or the module of Node. */
  readonly packageName: string;
  /** The versions that publish, as a range of npm; for a module of Node, of Node. */
  readonly versions: string;
  readonly channels: readonly TracedChannel[];
  /** In seconds, for operations with `measured`. */
  readonly duration?: DurationMetric;
  readonly observation?: Observation;
  /** Instead of `channels` where the content of messages is wanted, too (OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT). */
  readonly channelsWithContent?: readonly TracedChannel[];
}

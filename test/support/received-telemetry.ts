/** An attribute's value as plain JavaScript. Whole numbers beyond 2^53 are `bigint`, bytes are base64. */
export type Value = string | boolean | number | bigint | null | readonly Value[] | { readonly [key: string]: Value };
export type Attributes = Readonly<Record<string, Value>>;

/** Where an item came from: who sent it, and in which request. */
export interface Origin {
  readonly resource: Attributes;
  readonly scope: {
    readonly name: string;
    readonly version: string;
    readonly attributes: Attributes;
  };
  /** Position in `backend.requests`. */
  readonly request: number;
}

export interface ReceivedSpan extends Origin {
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for a root span. */
  readonly parentSpanId: string;
  readonly traceState: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: bigint;
  readonly endTimeUnixNano: bigint;
  readonly attributes: Attributes;
  readonly droppedAttributesCount: number;
  readonly events: readonly {
    readonly name: string;
    readonly timeUnixNano: bigint;
    readonly attributes: Attributes;
  }[];
  readonly droppedEventsCount: number;
  readonly links: readonly {
    readonly traceId: string;
    readonly spanId: string;
    readonly attributes: Attributes;
  }[];
  readonly droppedLinksCount: number;
  readonly status: { readonly code: number; readonly message: string };
}

export interface ReceivedLogRecord extends Origin {
  readonly eventName: string;
  readonly severityNumber: number;
  readonly severityText: string;
  readonly body: Value;
  readonly attributes: Attributes;
  readonly droppedAttributesCount: number;
  readonly timeUnixNano: bigint;
  readonly observedTimeUnixNano: bigint;
  /** Empty where the record belongs to no trace. */
  readonly traceId: string;
  readonly spanId: string;
}

export type MetricKind = 'gauge' | 'sum' | 'histogram' | 'exponentialHistogram' | 'summary';

/** One data point, with what its metric says about it. */
export interface ReceivedMetric extends Origin {
  readonly name: string;
  readonly description: string;
  readonly unit: string;
  readonly kind: MetricKind;
  /** 1 = delta, 2 = cumulative, 0 where the kind has none. */
  readonly temporality: number;
  readonly monotonic: boolean;
  readonly attributes: Attributes;
  readonly startTimeUnixNano: bigint;
  readonly timeUnixNano: bigint;
  /** Of gauges and sums. */
  readonly value: number | undefined;
  /** Of histograms and summaries. */
  readonly count: number | undefined;
  readonly sum: number | undefined;
  readonly explicitBounds: readonly number[];
  readonly bucketCounts: readonly number[];
}

import type { Attributes, Meter } from '@opentelemetry/api';
import type { BackendState } from '../outbox/backend-health.ts';
import type { OutboxCounts } from '../outbox/delivery.ts';
import type { FlushOptions, ShutdownOptions } from '../shutdown/flush-options.ts';
import type { FlushReport, ShutdownReport } from '../shutdown/flush-report.ts';
import type { LastStep } from '../shutdown/shutdown.ts';
import { read } from '../values/read.ts';

/** The current state of the backend and of each signal's outbox. */
export interface Status {
  /** `unknown` until the first answer; over several backends the worst. */
  readonly backend: BackendState;
  readonly lastError: Error | undefined;
  readonly spans: OutboxCounts;
  readonly logs: OutboxCounts;
  /** Counted in collections, one an export interval. */
  readonly metrics: OutboxCounts;
}

/** The SDK that runs in this thread. */
export interface RunningSdk {
  readonly version: string;
  readonly startedBy: 'preload' | 'withSwansong()';
  /** Instrumentation packages whose work the preload's own instrumentations do. */
  readonly instruments: readonly string[];
  /** To be called when another SDK is about to be refused by the API, and the caller has reported that. */
  anotherSdkReported(): void;
  forceFlush(options?: FlushOptions): Promise<FlushReport>;
  shutdown(options?: ShutdownOptions): Promise<ShutdownReport>;
  /** Records that the process is stopping, for a caller that calls `shutdown()` only after other steps. */
  stopping(reason: string | undefined): void;
  status(): Status;
  reportError(error: unknown, attributes?: Attributes): void;
  /**
   * Records on the span of the current request, not on a child span that may be active. Done here, since only the SDK's own copy
   * of the API is sure to find the active context: another copy ignores what an older one has registered.
   */
  reportRequestError(error: unknown): void;
  /** Creates the SDK's metrics about itself (`otel.sdk.*`) with a meter of the caller. */
  observeBy(meter: Meter): void;
  /** Runs a step at the end of `shutdown()`, after telemetry is flushed. */
  addLastStep(step: LastStep): void;
}

/**
 * The preload (CommonJS) and the module that applications import (ESM) are two bundles; through this symbol the
 * module finds the SDK that the preload has started.
 */
const KEY = Symbol.for('swansong.running-sdk');

export function findRunningSdk(): RunningSdk | undefined {
  const found: unknown = Reflect.get(globalThis, KEY);
  return isRunningSdk(found) ? found : undefined;
}

/** @returns a function that removes it */
export function publishRunningSdk(sdk: RunningSdk): () => void {
  Object.defineProperty(globalThis, KEY, { value: sdk, configurable: true });
  return () => {
    if (Reflect.get(globalThis, KEY) === sdk) Reflect.deleteProperty(globalThis, KEY);
  };
}

function isRunningSdk(value: unknown): value is RunningSdk {
  return typeof read(value, 'shutdown') === 'function';
}

import type { Attributes, Meter } from '@opentelemetry/api';
import type { BackendState } from '../outbox/backend-health.ts';
import type { OutboxCounts } from '../outbox/delivery.ts';
import type { FlushOptions, ShutdownOptions } from '../shutdown/flush-options.ts';
import type { FlushReport, ShutdownReport } from '../shutdown/flush-report.ts';
import type { LastStep } from '../shutdown/shutdown.ts';

/** What is known right now of the backend and of each signal's outbox. */
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
  /** Packages that the preload's own instrumentations stand for. */
  readonly instruments: readonly string[];
  /** Another SDK is about to be refused by the API, and that has been told. */
  anotherIsRefused(): void;
  forceFlush(options?: FlushOptions): Promise<FlushReport>;
  shutdown(options?: ShutdownOptions): Promise<ShutdownReport>;
  /** Tells that the process is stopping, where `shutdown()` comes only after other things. */
  stopping(reason: string | undefined): void;
  status(): Status;
  reportError(error: unknown, attributes?: Attributes): void;
  /**
   * On the span of the request under way, not that of a part of it which happens to be active. Asked of the SDK, since only its
   * own copy of the API is sure to find the active context: another copy refuses what an older one has registered.
   */
  reportRequestError(error: unknown): void;
  /** Makes the SDK's metrics about itself (`otel.sdk.*`) instruments of a meter, on a pipeline of the caller's. */
  observeBy(meter: Meter): void;
  /** Ends with `shutdown()`, after telemetry. */
  addLastStep(step: LastStep): void;
}

/**
 * The preload (CommonJS) and the module that applications import (ESM) are two bundles; this symbol is where they meet. It
 * is also what makes a second preload do nothing.
 */
const KEY = Symbol.for('swansong.running-sdk');

export function findRunningSdk(): RunningSdk | undefined {
  const found: unknown = Reflect.get(globalThis, KEY);
  return isRunningSdk(found) ? found : undefined;
}

/** @returns what takes it back */
export function publishRunningSdk(sdk: RunningSdk): () => void {
  Object.defineProperty(globalThis, KEY, { value: sdk, configurable: true });
  return () => {
    if (Reflect.get(globalThis, KEY) === sdk) Reflect.deleteProperty(globalThis, KEY);
  };
}

function isRunningSdk(value: unknown): value is RunningSdk {
  return typeof value === 'object' && value !== null && 'shutdown' in value && typeof value.shutdown === 'function';
}

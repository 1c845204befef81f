import type { Meter } from '@opentelemetry/api';
import { MeterProvider, type ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { collectLast } from '../../../src/exit/last-collection.ts';
import { OutboxMetricReader } from '../../../src/outbox/metric-reader.ts';
import { Outbox } from '../../../src/outbox/outbox.ts';

interface Circumstances {
  readonly scopes?: readonly string[];
  readonly use?: (meter: Meter) => void;
  readonly spansOrLogs?: boolean;
  readonly shutDown?: boolean;
  /** Milliseconds since a collection before. */
  readonly age?: number;
}

/** How many collections are in the outbox after the last one, which waits for nothing but microtasks. */
async function collected({
  scopes = ['app'],
  use = count,
  spansOrLogs = false,
  shutDown = false,
  age,
}: Circumstances): Promise<number> {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const outbox = new Outbox<ResourceMetrics>({
    maxQueueSize: 10,
    maxBatchSize: 10,
    maxInFlight: 1,
    scheduleDelayMillis: 1e6,
    attemptTimeoutMillis: 1000,
    deliver: () => Promise.resolve({ status: 'delivered', rejected: 0, message: '' }),
  });
  const reader = new OutboxMetricReader({
    outbox,
    intervalMillis: 1e8,
    collectTimeoutMillis: 1000,
    flushTimeoutMillis: 1000,
  });
  const provider = new MeterProvider({ readers: [reader] });
  for (const scope of scopes) use(provider.getMeter(scope));
  if (age !== undefined) {
    await reader.collectIntoOutbox(() => false);
    vi.advanceTimersByTime(age);
  }
  collectLast({ readers: [reader], hasSpansOrLogs: () => spansOrLogs, isShutDown: () => shutDown });
  for (let turn = 0; turn < 100; turn += 1) await Promise.resolve();
  reader.stop();
  return outbox.counts().waiting;
}

function count(meter: Meter): void {
  meter.createCounter('count').add(1);
}

/** A scope without a metric: one that nothing was recorded of. */
function nothing(meter: Meter): void {
  meter.createHistogram('histogram');
}

const OF_EVERY_PROCESS = ['swansong', '@opentelemetry/instrumentation-runtime-node'];

describe('collectLast', () => {
  it.each<[string, Circumstances, number]>([
    ['collects what the application measured', {}, 1],
    ['collects it beside what every process has', { scopes: [...OF_EVERY_PROCESS, 'app'] }, 1],
    ['sends no request for what every process has', { scopes: OF_EVERY_PROCESS }, 0],
    ['sends that too, if there is a request anyway', { scopes: OF_EVERY_PROCESS, spansOrLogs: true }, 1],
    ['sends nothing where nothing was measured', { use: nothing }, 0],
    ['collects nothing after shutdown()', { shutDown: true }, 0],
    ['collects nothing so soon after a collection', { age: 999 }, 0],
    ['collects a second after a collection', { age: 1000 }, 1],
  ])('%s', async (_what, circumstances, expected) => {
    expect(await collected(circumstances)).toBe(expected);
  });
});

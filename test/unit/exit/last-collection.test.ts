import type { Meter } from '@opentelemetry/api';
import { MeterProvider, type ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { collectLast, PROCESS_SCOPES } from '../../../src/exit/last-collection.ts';
import { OutboxMetricReader } from '../../../src/outbox/metric-reader.ts';
import { Outbox } from '../../../src/outbox/outbox.ts';

vi.mock(import('../../../src/clock/clock.ts'), () => import('../../support/mockable-clock.ts'));

interface Circumstances {
  readonly scopes?: readonly string[];
  readonly use?: (meter: Meter) => void;
  readonly spansOrLogs?: boolean;
  readonly shutDown?: boolean;
  /** Everything was collected before, and nothing has been measured since. */
  readonly known?: boolean;
}

/** How many collections are in the outbox after the last one, which waits for nothing but microtasks. */
async function collected({
  scopes = ['app'],
  use = count,
  spansOrLogs = false,
  shutDown = false,
  known = false,
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
    processScopes: PROCESS_SCOPES,
  });
  const provider = new MeterProvider({ readers: [reader] });
  for (const scope of scopes) use(provider.getMeter(scope));
  const collect = async (): Promise<void> => {
    collectLast({
      readers: [reader],
      timeoutMillis: 1000,
      hasSpansOrLogs: () => spansOrLogs,
      isShutDown: () => shutDown,
    });
    for (let turn = 0; turn < 100; turn += 1) await Promise.resolve();
  };
  if (known) await collect();
  const before = outbox.counts().waiting;
  await collect();
  reader.stop();
  return outbox.counts().waiting - before;
}

function count(meter: Meter): void {
  meter.createCounter('count').add(1);
}

/** A scope without a metric: one that nothing was recorded of. */
function nothing(meter: Meter): void {
  meter.createHistogram('histogram');
}

const OF_EVERY_PROCESS = [...PROCESS_SCOPES];

describe('collectLast', () => {
  it.each<[string, Circumstances, number]>([
    ['collects what the application measured', {}, 1],
    ['collects it beside what every process has', { scopes: [...OF_EVERY_PROCESS, 'app'] }, 1],
    ['sends no request for what every process has', { scopes: OF_EVERY_PROCESS }, 0],
    ['sends that too, if there is a request anyway', { scopes: OF_EVERY_PROCESS, spansOrLogs: true }, 1],
    ['sends nothing where nothing was measured', { use: nothing }, 0],
    ['collects nothing after shutdown()', { shutDown: true }, 0],
    ['sends nothing that a collection before has', { known: true }, 0],
    ['sends that too, if there is a request anyway, again', { known: true, spansOrLogs: true }, 1],
  ])('%s', async (_what, circumstances, expected) => {
    expect(await collected(circumstances)).toBe(expected);
  });
});

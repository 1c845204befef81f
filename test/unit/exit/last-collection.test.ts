import type { Meter } from '@opentelemetry/api';
import { MeterProvider, type ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { describe, expect, it } from 'vitest';
import { collectLast, PROCESS_SCOPES } from '../../../src/exit/last-collection.ts';
import { OutboxMetricReader } from '../../../src/outbox/metric-reader.ts';
import { Outbox } from '../../../src/outbox/outbox.ts';

interface Circumstances {
  readonly scopes?: readonly string[];
  readonly use?: (meter: Meter) => void;
  readonly spansOrLogs?: boolean;
  readonly shutDown?: boolean;
  /** How often the event loop drains. */
  readonly drains?: number;
}

/** How many collections are in the outbox after the last one. */
async function collected({
  scopes = ['app'],
  use = count,
  spansOrLogs = false,
  shutDown = false,
  drains = 1,
}: Circumstances): Promise<number> {
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
  for (let drained = 0; drained < drains; drained += 1) {
    collectLast({
      readers: [reader],
      timeoutMillis: 1000,
      hasSpansOrLogs: () => spansOrLogs,
      isShutDown: () => shutDown,
    });
    await new Promise(setImmediate);
  }
  reader.stop();
  return outbox.counts().accepted;
}

function count(meter: Meter): void {
  meter.createCounter('count').add(1);
}

/** A scope without a value: nothing was recorded. */
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
    ['collects nothing again if nothing has come since', { drains: 3 }, 1],
  ])('%s', async (_what, circumstances, expected) => {
    expect(await collected(circumstances)).toBe(expected);
  });
});

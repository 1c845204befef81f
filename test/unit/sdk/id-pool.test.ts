import { isSpanContextValid } from '@opentelemetry/api';
import { afterEach, expect, it, vi } from 'vitest';
import { IdPool } from '../../../src/sdk/id-pool.ts';

afterEach(() => vi.restoreAllMocks());

it('makes valid ids, each another one', () => {
  const pool = new IdPool();
  const ids = new Set<string>();
  for (let made = 0; made < 1000; made += 1) {
    const [traceId, spanId] = [pool.generateTraceId(), pool.generateSpanId()];
    expect(isSpanContextValid({ traceId, spanId, traceFlags: 1 })).toBe(true);
    ids.add(traceId).add(spanId);
  }
  expect(ids.size).toBe(2000);
});

it('skips those of zeros', () => {
  let calls = 0;
  // The first half of a pool.
  vi.spyOn(Math, 'random').mockImplementation(() => (calls++ < 256 ? 0 : 0.5));
  const pool = new IdPool();
  expect(pool.generateTraceId()).toBe('00000080'.repeat(4));
  expect(pool.generateSpanId()).toBe('00000080'.repeat(2));
});

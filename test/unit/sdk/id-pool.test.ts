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

it('makes none of zeros', () => {
  const pool = new IdPool(() => 0);
  expect(pool.generateTraceId()).toBe('00000000000000000000000000000001');
  expect(pool.generateSpanId()).toBe('0000000000000001');
  expect(new IdPool(() => 2 ** -32).generateSpanId()).toBe('0100000001000000');
});

it('goes on when a test of the application replaces Math.random', () => {
  const pool = new IdPool();
  vi.spyOn(Math, 'random').mockReturnValue(0);
  const ids = Array.from({ length: 100 }, () => pool.generateSpanId());
  expect(new Set(ids).size).toBe(100);
});

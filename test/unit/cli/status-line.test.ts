import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { CollectorStatistics } from '../../../src/cli/collector-statistics.ts';
import { StatusLine } from '../../../src/cli/status-line.ts';

vi.mock(import('../../../src/clock/clock.ts'), () => import('../../support/mockable-clock.ts'));

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const CLEAR = '\r\u001B[K';

function statusLine() {
  const written: string[] = [];
  const statistics = new CollectorStatistics(undefined);
  const line = new StatusLine(statistics, (text) => written.push(text));
  return { line, statistics, taken: () => written.splice(0) };
}

test('one line a second: totals, and the rate and the p99 of that second', () => {
  const { line, statistics, taken } = statusLine();
  statistics.received(1000, { signal: 'traces' });
  statistics.received(24, { signal: 'logs' });
  statistics.invalid(3, { 'error.type': 'missing_time' });
  for (let millis = 1; millis <= 100; millis += 1) statistics.recordWrite(millis);
  vi.advanceTimersByTime(999);
  expect(taken()).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(taken()).toEqual([`${CLEAR}received 1024, invalid 3, 1000 spans/s, write p99 99.0 ms`]);
  statistics.received(500, { signal: 'traces' });
  vi.advanceTimersByTime(2000);
  expect(taken()).toEqual([
    `${CLEAR}received 1524, invalid 3, 500 spans/s, write p99 -`,
    `${CLEAR}received 1524, invalid 3, 0 spans/s, write p99 -`,
  ]);
  line.stop();
});

test('what is told meanwhile stands above it', () => {
  const { line, taken } = statusLine();
  line.print('first');
  vi.advanceTimersByTime(1000);
  line.print('second');
  const now = 'received 0, invalid 0, 0 spans/s, write p99 -';
  expect(taken()).toEqual([`${CLEAR}first\n`, `${CLEAR}${now}`, `${CLEAR}second\n${now}`]);
  line.stop();
});

test('stopped, it is gone and stays so', () => {
  const { line, taken } = statusLine();
  vi.advanceTimersByTime(1000);
  taken();
  line.stop();
  vi.advanceTimersByTime(10_000);
  expect(taken()).toEqual([CLEAR]);
  expect(vi.getTimerCount()).toBe(0);
});

import { afterEach, expect, test, vi } from 'vitest';
import { RemovalReport } from '../../../src/collector/removal-report.ts';

vi.mock(import('../../../src/clock/clock.ts'), () => import('../../support/mockable-clock.ts'));

afterEach(() => void vi.useRealTimers());

test('the first is told at once, those of the next minute together, the last ones at the end', () => {
  vi.useFakeTimers();
  const told: string[] = [];
  const report = new RemovalReport((line) => told.push(line));
  report.reportRest();
  report.removed('/t/traces-1.jsonl', 10);
  report.removed('/t/traces-2.jsonl', 20);
  vi.advanceTimersByTime(59_999);
  report.removed('/t/logs-1.jsonl', 30);
  expect(told.splice(0)).toEqual(['/t/traces-1.jsonl: removed (10 bytes), to stay within the limit on all files']);
  vi.advanceTimersByTime(1);
  report.removed('/t/traces-3.jsonl', 40);
  report.removed('/t/traces-4.jsonl', 50);
  report.reportRest();
  report.reportRest();
  vi.advanceTimersByTime(60_000);
  report.removed('/t/traces-5.jsonl', 60);
  expect(told).toEqual([
    'removed 3 more files (90 bytes), to stay within the limit on all files',
    'removed one more file (50 bytes), to stay within the limit on all files',
    '/t/traces-5.jsonl: removed (60 bytes), to stay within the limit on all files',
  ]);
});

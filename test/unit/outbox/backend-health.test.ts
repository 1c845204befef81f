import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { BackendHealth } from '../../../src/outbox/backend-health.ts';

vi.mock(import('../../../src/clock/clock.ts'), () => import('../../support/mockable-clock.ts'));

function setUp() {
  const lines: string[] = [];
  const push = (message: string) => {
    lines.push(message);
  };
  return { lines, health: new BackendHealth('http://127.0.0.1:4318', { warn: push, info: push }) };
}

describe('BackendHealth', () => {
  it('logs nothing while deliveries succeed', () => {
    const { lines, health } = setUp();
    expect(health.state).toBe('unknown');
    health.succeeded();
    health.succeeded();
    expect([health.state, lines]).toEqual(['connected', []]);
  });

  it('logs one line when it fails and one when it has recovered, however many attempts there were', () => {
    const { lines, health } = setUp();
    for (let attempt = 0; attempt < 100; attempt += 1) health.failed(new Error('connect ECONNREFUSED'));
    health.succeeded();
    health.succeeded();
    expect(lines).toEqual([
      'cannot deliver telemetry to http://127.0.0.1:4318: connect ECONNREFUSED; keeping it and trying again',
      expect.stringMatching(/^delivering telemetry to http:\/\/127\.0\.0\.1:4318 again, after \d+\.\d s$/),
    ]);
    expect(health.lastError?.message).toBe('connect ECONNREFUSED');
  });

  it('says how long it took to recover, and fails again as at first', () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const { lines, health } = setUp();
    expect(health.lastError).toBe(undefined);
    vi.advanceTimersByTime(60_000);
    health.failed(new Error('first'));
    expect([health.state, health.failure?.message]).toEqual(['failing', 'first']);
    vi.advanceTimersByTime(2500);
    health.failed(new Error('second\nline'));
    health.succeeded();
    health.failed(new Error('third'));
    vi.advanceTimersByTime(100);
    health.succeeded();
    expect(lines.filter((line) => line.startsWith('delivering')).map((line) => line.split(', ')[1])).toEqual([
      'after 2.5 s',
      'after 0.1 s',
    ]);
    expect([health.lastError?.message, health.failure]).toEqual(['third', undefined]);
  });
});

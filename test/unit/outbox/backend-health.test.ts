import { describe, expect, it } from 'vitest';
import { BackendHealth } from '../../../src/outbox/backend-health.ts';

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
});

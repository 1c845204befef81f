import { describe, expect, it } from 'vitest';
import { LossReport } from '../../../src/exit/loss-report.ts';

describe('LossReport', () => {
  it('is empty if nothing was lost', () => {
    const losses = new LossReport();
    losses.add('spans', 0, 'refused');
    expect(losses.take()).toBe('');
  });

  it('reports a loss once', () => {
    const losses = new LossReport();
    losses.add('spans', 1, 'refused');
    expect([losses.take(), losses.take()]).toEqual(['1 span (refused)', '']);
  });

  it('adds up losses of the same kind and reason', () => {
    const losses = new LossReport();
    losses.add('spans', 2, 'refused');
    losses.add('log records', 1, 'refused');
    losses.add('spans', 3, 'refused');
    losses.add('spans', 1, 'queue_full');
    losses.add('collections of metrics', 1, 'refused');
    expect(losses.take()).toBe(
      '5 spans (refused), 1 span (queue_full), 1 log record (refused), 1 collection of metrics (refused)',
    );
  });

  it('counts a delivery that failed, with the reason in one line', () => {
    const losses = new LossReport();
    losses.fail(new Error('a\nbug'));
    losses.fail('no error');
    expect(losses.take()).toBe('1 attempt to deliver (a bug), 1 attempt to deliver (no error)');
  });
});

import { describe, expect, it } from 'vitest';
import { LossReport } from '../../../src/exit/loss-report.ts';

describe('LossReport', () => {
  it('says nothing where nothing was lost', () => {
    const ledger = new LossReport();
    ledger.add('spans', 0, 'refused');
    expect(ledger.settle()).toBe('');
  });

  it('says it once', () => {
    const ledger = new LossReport();
    ledger.add('spans', 1, 'refused');
    expect([ledger.settle(), ledger.settle()]).toEqual(['1 span (refused)', '']);
  });

  it('adds up what was lost for the same reason', () => {
    const ledger = new LossReport();
    ledger.add('spans', 2, 'refused');
    ledger.add('log records', 1, 'refused');
    ledger.add('spans', 3, 'refused');
    ledger.add('spans', 1, 'queue_full');
    ledger.add('collections of metrics', 1, 'refused');
    expect(ledger.settle()).toBe(
      '5 spans (refused), 1 span (queue_full), 1 log record (refused), 1 collection of metrics (refused)',
    );
  });
});

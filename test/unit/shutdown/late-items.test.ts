import { describe, expect, it } from 'vitest';
import { LateItems } from '../../../src/shutdown/late-items.ts';

describe('LateItems', () => {
  it('is empty if there are no late items', () => {
    expect(new LateItems().take()).toBe('');
  });

  it('warns once: how many, from which scope, and the right order', () => {
    const late = new LateItems();
    late.add('spans', 'http');
    late.add('spans', 'app');
    late.add('spans', 'http');
    late.add('log records', 'app');
    expect(late.take()).toBe(
      '3 spans (http, app) and 1 log record (app) came after shutdown() and were kept for the end of the process. ' +
        'Call shutdown() last: close the servers, wait for the requests in flight, then shutdown().',
    );
    expect(late.take()).toBe('');
  });
});

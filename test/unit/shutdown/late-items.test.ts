import { describe, expect, it } from 'vitest';
import { LateItems } from '../../../src/shutdown/late-items.ts';

describe('LateItems', () => {
  it('says nothing where nothing came late', () => {
    expect(new LateItems().take()).toBe('');
  });

  it('names the mistake once: how many, from where, and the right order', () => {
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

import { describe, expect, it } from 'vitest';
import { reportDrops } from '../../../src/outbox/report-drops.ts';

function setUp() {
  const lines: string[] = [];
  return { lines, report: reportDrops('spans', 'http://127.0.0.1:4318', (line) => lines.push(line)) };
}

describe('reportDrops', () => {
  it('reports the first loss for each reason, in one line', () => {
    const { lines, report } = setUp();
    report('refused', 3, 'HTTP 400\n(no name)');
    report('refused', 5, 'HTTP 404');
    report('queue_full', 1, 'more than 2048 were waiting');
    report('queue_full', 1, 'more than 2048 were waiting');
    expect(lines).toEqual([
      'losing spans (refused): HTTP 400 (no name); further losses are only counted',
      'losing spans (queue_full): more than 2048 were waiting; further losses are only counted',
    ]);
  });

  it('tells a warning of the backend from a loss', () => {
    const { lines, report } = setUp();
    report('rejected', 0, 'use another endpoint');
    expect(lines).toEqual(['http://127.0.0.1:4318 warns about spans: use another endpoint']);
  });

  it('tells items that were rejected from a warning', () => {
    const { lines, report } = setUp();
    report('rejected', 2, 'too old');
    expect(lines).toEqual(['losing spans (rejected): too old; further losses are only counted']);
  });

  it('tells lost parts of items from lost items', () => {
    const { lines, report } = setUp();
    report('invalid', 0, 'a metric has no name');
    expect(lines).toEqual(['losing parts of spans (invalid): a metric has no name; further losses are only counted']);
  });
});

import { expect, test } from 'vitest';
import type { CanonicalMessage } from '../../../src/collector/canonical.ts';
import { signals } from '../../../src/collector/signals.ts';

const points = (count: number): CanonicalMessage => ({ dataPoints: Array.from({ length: count }, () => ({})) });

test.each([
  ['traces', { resourceSpans: [{ scopeSpans: [{ spans: [{}, {}] }, {}] }, {}, { scopeSpans: [{ spans: [{}] }] }] }, 3],
  ['logs', { resourceLogs: [{ scopeLogs: [{ logRecords: [{}] }] }] }, 1],
  [
    'metrics',
    {
      resourceMetrics: [
        {
          scopeMetrics: [
            {
              metrics: [
                { name: 'a', gauge: points(1) },
                { name: 'b', sum: points(2), metadata: [{ key: 'k', value: {} }] },
                { name: 'c', histogram: points(3) },
                { name: 'd', exponentialHistogram: points(4) },
                { name: 'e', summary: points(5) },
                { name: 'none' },
                { name: 'empty', gauge: {} },
              ],
            },
          ],
        },
      ],
    },
    15,
  ],
  ['metrics', {}, 0],
] as const)('%s: the items are counted', (name, data, expected) => {
  const signal = signals.find((candidate) => candidate.name === name);
  // Through JSON: the table's lists are readonly, the canonical form is not.
  expect(signal?.countItems(JSON.parse(JSON.stringify(data)))).toBe(expected);
});

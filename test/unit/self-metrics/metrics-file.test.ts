import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ValueType } from '@opentelemetry/api';
import { emptyResource } from '@opentelemetry/resources';
import { AggregationTemporality, DataPointType, type ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { expect, it } from 'vitest';
import { Deadline } from '../../../src/deadline/deadline.ts';
import { MetricsFile } from '../../../src/self-metrics/metrics-file.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

function collection(...values: readonly number[]): ResourceMetrics {
  return {
    resource: emptyResource(),
    scopeMetrics: [
      {
        scope: { name: 'self' },
        metrics: [
          {
            descriptor: { name: 'm', description: '', unit: '', valueType: ValueType.DOUBLE },
            aggregationTemporality: AggregationTemporality.CUMULATIVE,
            dataPointType: DataPointType.GAUGE,
            dataPoints: values.map((value) => ({ startTime: [1, 0], endTime: [2, 0], attributes: {}, value })),
          },
        ],
      },
    ],
  };
}

function valuesIn(path: string): string[][] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => [...line.matchAll(/"asDouble":([^,}]+)/g)].map(([, value]) => value ?? ''));
}

it('writes a double that JSON has no form for as proto3 does, while the process lives and at its end', async () => {
  const path = join(await temporaryFolder(), 'self.jsonl');
  const file = new MetricsFile({ path, maxBytes: 1e6, maxTotalBytes: 1e7 });
  expect(await file.deliver([collection(Infinity, -Infinity, Number.NaN, 1.5)])).toEqual({
    status: 'delivered',
    rejected: 0,
    message: '',
  });
  await file.close(Deadline.after(5000));
  file.deliverSync([collection(Infinity), collection(2)]);
  expect(valuesIn(path)).toEqual([['"Infinity"', '"-Infinity"', '"NaN"', '1.5'], ['"Infinity"'], ['2']]);
});

it('leaves out what cannot be encoded, and says so', async () => {
  const path = join(await temporaryFolder(), 'self.jsonl');
  const file = new MetricsFile({ path, maxBytes: 1e6, maxTotalBytes: 1e7 });
  const bad: ResourceMetrics = { ...collection(1), resource: Object.create(null) };
  expect(await file.deliver([bad])).toMatchObject({ status: 'invalid' });
  const { scopeMetrics, resource } = collection(1, 2);
  Reflect.set(scopeMetrics[0]?.metrics[0]?.dataPoints[0] ?? {}, 'endTime', [Number.NaN, 0]);
  expect(await file.deliver([{ scopeMetrics, resource }])).toMatchObject({
    status: 'delivered',
    invalid: { items: 0, size: 1 },
  });
  file.deliverSync([bad, collection(3)]);
  await file.close(Deadline.after(5000));
  expect(valuesIn(path)).toEqual([['2'], ['3']]);
});

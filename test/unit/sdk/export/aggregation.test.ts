import { AggregationTemporality, AggregationType, InstrumentType } from '@opentelemetry/sdk-metrics';
import { describe, expect, it } from 'vitest';
import { aggregationSelector, temporalitySelector } from '../../../../src/sdk/export/aggregation.ts';

const ALL = Object.values(InstrumentType);

describe('temporalitySelector', () => {
  it.each([
    ['cumulative', []],
    ['delta', ['COUNTER', 'HISTOGRAM', 'OBSERVABLE_COUNTER']],
    ['lowmemory', ['COUNTER', 'HISTOGRAM']],
  ] as const)('%s: delta for %j, cumulative for all others', (preference, deltas) => {
    const select = temporalitySelector(preference);
    expect(ALL.filter((instrument) => select(instrument) === AggregationTemporality.DELTA).toSorted()).toEqual(deltas);
  });
});

describe('aggregationSelector', () => {
  it('changes histograms only', () => {
    const select = aggregationSelector('base2_exponential_bucket_histogram');
    expect(ALL.filter((instrument) => select(instrument).type !== AggregationType.DEFAULT)).toEqual([
      InstrumentType.HISTOGRAM,
    ]);
    const defaults = aggregationSelector('explicit_bucket_histogram');
    expect(ALL.every((instrument) => defaults(instrument).type === AggregationType.DEFAULT)).toBe(true);
  });
});

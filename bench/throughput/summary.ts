import { median, paired } from '../harness/statistics.ts';
import { fixed, signed } from '../harness/table.ts';
import type { Served } from './served.ts';

/** `bench/results/throughput.json`. */
export interface ThroughputFigures {
  readonly measuredAt: string;
  readonly machine: { readonly node: string; readonly platform: string; readonly cpu: string; readonly cores: number };
  readonly rounds: number;
  readonly seconds: number;
  readonly isPinned: boolean;
  readonly scenarios: readonly ScenarioFigures[];
}

export interface ScenarioFigures {
  readonly title: string;
  /** The first one is without anything; the others are compared with it, round by round. */
  readonly rows: readonly { readonly name: string; readonly samples: readonly Served[] }[];
}

export const SUMMARY_HEADER: readonly string[] = [
  '',
  'req/s',
  'x bare',
  '+ CPU us/req',
  'p50 ms',
  'p99 ms',
  'RSS MB',
  'spans received',
];

/** Medians, as the cells of a table. */
export function summaryOf({ rows }: ScenarioFigures): string[][] {
  return rows.map(({ name, samples }) => {
    const of = (figure: (served: Served) => number): number => median(samples.map(figure));
    const received = samples.flatMap(({ spansReceived }) => (spansReceived === undefined ? [] : [spansReceived]));
    return [
      name,
      fixed(of(({ requestsPerSecond }) => requestsPerSecond)),
      fixed(ratioOf(samples, rows[0]?.samples ?? []), 3),
      signed(
        median(
          paired(
            samples.map(({ cpuMicros }) => cpuMicros),
            (rows[0]?.samples ?? []).map(({ cpuMicros }) => cpuMicros),
            (own, without) => own - without,
          ),
        ),
        1,
      ),
      fixed(
        of(({ p50 }) => p50),
        2,
      ),
      fixed(
        of(({ p99 }) => p99),
        1,
      ),
      fixed(of(({ rssMegabytes }) => rssMegabytes)),
      received.length === 0 ? '-' : `${fixed(median(received), 1)} %`,
    ];
  });
}

/** Requests per second, to those without. */
export function ratioOf(samples: readonly Served[], bare: readonly Served[]): number {
  return median(
    paired(
      samples.map(({ requestsPerSecond }) => requestsPerSecond),
      bare.map(({ requestsPerSecond }) => requestsPerSecond),
      (own, without) => own / without,
    ),
  );
}

import type { Shop } from './shop-run.ts';
import type { Placed, Shown } from './what-is-shown.ts';

/** One preload in one application. */
export interface SideBySideResult {
  readonly row: string;
  readonly shown: Shown;
  readonly stdoutIsSame: boolean;
  readonly stderrLines: number;
  readonly code: number | null;
  readonly sigterm: string;
  /** Medians over the rounds, as ratios to the application alone in the same round. */
  readonly startCpuRatio: number;
  readonly startCpuMillis: number;
  readonly endMegabytesAdded: number;
}

export interface SideBySideFigures {
  readonly measuredAt: string;
  readonly machine: { readonly node: string; readonly platform: string };
  readonly rounds: number;
  readonly rows: readonly { readonly name: string; readonly package: string | undefined; readonly setUp: string }[];
  readonly applications: readonly { readonly shop: Shop; readonly results: readonly SideBySideResult[] }[];
  /** Of requests at a time that share the one connection of a pool. */
  readonly contention: readonly {
    readonly client: string;
    readonly results: readonly ({ readonly row: string } & Placed)[];
  }[];
}

/** What `bench/results/endings.json` holds, and docs/endings.md is made from. */
export interface EndingsFigures {
  readonly measuredAt: string;
  readonly machine: { readonly node: string; readonly platform: string };
  readonly rounds: number;
  /** Milliseconds after which a process counts as hung. */
  readonly boundMillis: number;
  readonly distributions: readonly DistributionFigures[];
  readonly endings: readonly EndingFigures[];
}

export interface DistributionFigures {
  readonly name: string;
  readonly package: string;
  readonly version: string;
  /** Version of @opentelemetry/api that its programs ran with. */
  readonly api: string;
  readonly setUp: string;
}

export interface EndingFigures {
  readonly row: number;
  readonly ending: string;
  readonly programs: readonly ProgramFigures[];
}

export interface ProgramFigures {
  readonly name: string;
  /** How many the program makes. */
  readonly errors: number;
  readonly ended: number;
  readonly open: number;
  /** By distribution, the worst of all rounds; `null` where the program is not about it. */
  readonly results: Readonly<Record<string, ProgramResult | null>>;
}

export interface ProgramResult {
  /** How many arrived. */
  readonly errors: number;
  readonly ended: number;
  readonly open: number;
  /** What is different from the run without a preload, in words; empty where nothing is. */
  readonly changes: readonly string[];
}

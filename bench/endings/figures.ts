/** The content of `bench/results/endings.json`, from which docs/endings.md is generated. */
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
  /** Number that the program creates. */
  readonly errors: number;
  readonly ended: number;
  readonly open: number;
  /** By distribution, the worst of all rounds; `null` if the program does not apply to it. */
  readonly results: Readonly<Record<string, ProgramResult | null>>;
}

export interface ProgramResult {
  /** Number that arrived. */
  readonly errors: number;
  readonly ended: number;
  readonly open: number;
  /** The differences to the run without a preload, as text; empty if there are none. */
  readonly changes: readonly string[];
}

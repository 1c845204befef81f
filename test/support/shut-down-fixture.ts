import { runFixture } from './run-fixture.ts';

interface Counts<T> {
  readonly spans: T;
  readonly logs: T;
  readonly metrics: T;
}

interface SignalReport {
  readonly delivered: number;
  readonly undelivered: number;
  readonly dropped: Readonly<Record<string, number>>;
}

/** What test/fixtures/shutdown/shut-down.mjs prints. */
interface ShutDownOutput {
  readonly report: Counts<SignalReport> & {
    readonly ok: boolean;
    readonly timedOut: boolean;
    readonly durationMillis: number;
    readonly errors: readonly string[];
  };
  readonly accepted: Counts<number>;
  /** Before `shutdown()` was called. */
  readonly lostBefore: Counts<number>;
  /** What `process.getActiveResourcesInfo()` told when `shutdown()` had resolved. */
  readonly resources: readonly string[];
  /** The event loop was held long after. */
  readonly heldLong: boolean;
}

export interface ShutDownOptions {
  readonly spans?: number;
  readonly records?: number;
  /** A `forceFlush()` comes first, with as much telemetry of its own. */
  readonly flushMillis?: number;
  readonly timeoutMillis: number;
  /** Turns of the event loop that immediates may take between the end of `shutdown()` and the look at the resources. */
  readonly turns?: number;
}

export interface ShutDownRun extends ShutDownOutput {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
}

/** Runs it to its end. */
export async function runShutDown(
  options: ShutDownOptions,
  surroundings: { readonly preload?: 'import' | 'none'; readonly env?: Readonly<Record<string, string>> },
): Promise<ShutDownRun> {
  const args = [JSON.stringify(options)];
  const { stdout, ...end } = await runFixture({ program: 'shutdown/shut-down.mjs', args, ...surroundings });
  const output: ShutDownOutput = JSON.parse(stdout);
  return { ...end, ...output };
}

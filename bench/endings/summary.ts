import type { EndingFigures, ProgramFigures, ProgramResult } from './figures.ts';

/** The result of one row of the table for one distribution, over all its programs. */
export interface Summary {
  /** Programs that apply to it. */
  readonly programs: number;
  /** How much telemetry of each kind arrived, of how much was created. */
  readonly errors: Share;
  readonly ended: Share;
  readonly open: Share;
  readonly unchanged: number;
  readonly hung: number;
}

export interface Share {
  readonly arrived: number;
  readonly of: number;
}

export function summarize(ending: EndingFigures, distribution: string): Summary {
  const runs = ending.programs.flatMap((program) => {
    const result = program.results[distribution];
    return result === undefined || result === null ? [] : [{ program, result }];
  });
  const share = (kind: 'errors' | 'ended' | 'open'): Share => ({
    arrived: sum(runs, ({ result }) => result[kind]),
    of: sum(runs, ({ program }) => program[kind]),
  });
  return {
    programs: runs.length,
    errors: share('errors'),
    ended: share('ended'),
    open: share('open'),
    unchanged: runs.filter(({ result }) => result.changes.length === 0).length,
    hung: runs.filter(({ result }) => result.changes.includes('hung')).length,
  };
}

export const SUMMARY_HEADER: readonly string[] = ['', 'error', 'ended', 'open', 'unchanged', 'hung'];

/** A line per distribution, for the terminal. */
export function summaryRows(ending: EndingFigures, distributions: readonly string[]): string[][] {
  return distributions.map((name) => {
    const { programs, errors, ended, open, unchanged, hung } = summarize(ending, name);
    const shares = [errors, ended, open].map(({ arrived, of }) => (of === 0 ? '' : `${arrived}/${of}`));
    return programs === 0 ? [name] : [name, ...shares, `${unchanged}/${programs}`, String(hung)];
  });
}

function sum<Run extends { readonly program: ProgramFigures; readonly result: ProgramResult }>(
  runs: readonly Run[],
  of: (run: Run) => number,
): number {
  return runs.reduce((total, run) => total + of(run), 0);
}

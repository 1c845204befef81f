import { readFileSync } from 'node:fs';
import type { Mutant } from './mutants.ts';

/** Why no test can kill some mutants of a line. */
interface Explanation {
  /** The line as it stands in the file, without the white space around it: a line number would not last. */
  readonly line: string;
  /** As the report writes them. */
  readonly mutations: readonly string[];
  readonly why: string;
}

type Explanations = Readonly<Record<string, readonly Explanation[]>>;

export function readExplanations(): Explanations {
  const explanations: Explanations = JSON.parse(readFileSync(new URL('explained.json', import.meta.url), 'utf8'));
  return explanations;
}

export function explanationOf(explanations: Explanations, { file, text, mutation }: Mutant): string | undefined {
  return explanations[file]?.find(({ line, mutations }) => line === text && mutations.includes(mutation))?.why;
}

/** Explanations of mutants that are not there (any more). */
export function staleExplanations(explanations: Explanations, file: string, mutants: readonly Mutant[]): string[] {
  return (explanations[file] ?? []).flatMap(({ line, mutations }) =>
    mutations
      .filter((mutation) => !mutants.some((mutant) => mutant.text === line && mutant.mutation === mutation))
      .map((mutation) => `${file}: ${line}: ${mutation}`),
  );
}

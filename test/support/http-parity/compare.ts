import type { ExpectedDifference } from './expected-differences.ts';
import { type Fields, type Observed, type Signal, SIGNALS } from './observe.ts';

type Cases = ReadonlyMap<string, Observed>;

const show = (value: string | undefined): string => (value === '' ? '(empty)' : (value ?? '(absent)'));

/** Everything that is not equal: `case | signal | field | instrumentation-http | swansong`, sorted, each once. */
export function compare(theirs: Cases, ours: Cases): string[] {
  const found = [...new Set([...theirs.keys(), ...ours.keys()])].flatMap((name) =>
    SIGNALS.flatMap((signal) =>
      differencesOf(theirs.get(name)?.[signal] ?? [], ours.get(name)?.[signal] ?? []).map((difference) =>
        [name, signal, ...difference].join(' | '),
      ),
    ),
  );
  return [...new Set(found)].toSorted();
}

/** The same of what is expected. `all` cases are those that have the signal. */
export function expand(expected: readonly ExpectedDifference[], ours: Cases): string[] {
  return expected
    .flatMap(({ where, field, cases, instrumentationHttp, swansong }) =>
      where.flatMap((signal) =>
        (cases === 'all' ? casesWith(signal, ours) : cases).map((name) =>
          [name, signal, field, instrumentationHttp, swansong].join(' | '),
        ),
      ),
    )
    .toSorted();
}

function casesWith(signal: Signal, ours: Cases): string[] {
  return [...ours].filter(([, observed]) => observed[signal].length > 0).map(([name]) => name);
}

function differencesOf(theirs: readonly Fields[], ours: readonly Fields[]): (readonly [string, string, string])[] {
  if (theirs.length !== ours.length) return [['how many', String(theirs.length), String(ours.length)]];
  return theirs.flatMap((fields, index) => {
    const others = ours[index] ?? {};
    return [...new Set([...Object.keys(fields), ...Object.keys(others)])]
      .filter((field) => fields[field] !== others[field])
      .map((field): [string, string, string] => [field, show(fields[field]), show(others[field])]);
  });
}

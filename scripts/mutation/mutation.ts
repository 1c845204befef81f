// Changes one token of a room of src/ at a time and looks whether a unit test notices:
//   npm run mutation -- ROOM [--limit N] [--seed S] [--list]
// ROOM is a folder of src/, a file (src/outbox/outbox.ts), or a line of it (src/outbox/outbox.ts:100). Ends with exit code 1 below 90 %, or if an explanation fits no mutant.
import { globSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { keyAt } from './coverage.ts';
import { explanationOf, readExplanations, staleExplanations } from './explained.ts';
import { applyMutant, findMutants, type Mutant } from './mutants.ts';
import type { TriedTest } from './runner-messages.ts';
import { sample } from './sample.ts';
import { TestProcess } from './test-process.ts';

const WANTED_PERCENT = 90;
/** Beyond what the tests take without a mutant: most of the time of a run is spent on tests that wait in vain. */
const TIMEOUT_MILLIS = 10_000;
const TEST_TIMEOUT_MILLIS = 2000;

type Outcome = 'killed' | 'timeout' | 'survived' | 'explained' | 'not entered';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { limit: { type: 'string' }, seed: { type: 'string', default: '1' }, list: { type: 'boolean' } },
});
const [room] = positionals;
if (room === undefined) throw new Error('npm run mutation -- ROOM [--limit N] [--seed S] [--list]');

const [path = room, onlyLine] = room.split(':');
const files = path.endsWith('.ts') ? [path] : globSync(`src/${path}/**/*.ts`).toSorted();
if (files.length === 0) throw new Error(`src/${room} has no files`);
const sources = new Map(files.map((file) => [file, readFileSync(file, 'utf8')]));
const all = files.flatMap((file) => findMutants(file, sources.get(file) ?? ''));
const eligible = onlyLine === undefined ? all : all.filter(({ line }) => line === Number(onlyLine));
const mutants = values.limit === undefined ? eligible : sample(eligible, Number(values.limit), Number(values.seed));
const explanations = readExplanations();
const stale = files.flatMap((file) => staleExplanations(explanations, file, all));

if (values.list === true) {
  for (const { file, line, mutation } of mutants) console.log(`${file}:${line}  ${mutation}`);
} else {
  process.exitCode = (await runAll()) ? 0 : 1;
}

async function runAll(): Promise<boolean> {
  const tests = new TestProcess();
  process.once('SIGINT', () => {
    tests.stop();
    process.exit(130);
  });
  try {
    const tried = await tests.ask({ kind: 'try', files }, 600_000);
    if (tried?.kind !== 'tried') throw new Error('the tests did not end');
    for (const { test, passed } of tried.tests)
      if (!passed) console.log(`left out, it fails or takes too long without a mutant: ${test}`);
    const good = tried.tests.filter(({ passed }) => passed);
    console.log(`${room}: ${mutants.length} of ${all.length} mutants, ${good.length} test files`);
    const outcomes = new Map<Mutant, Outcome>();
    for (const mutant of mutants) outcomes.set(mutant, await outcomeOf(mutant, good, tests));
    return report(outcomes);
  } finally {
    tests.stop();
  }
}

async function outcomeOf(mutant: Mutant, tried: readonly TriedTest[], tests: TestProcess): Promise<Outcome> {
  const { file, line, mutation, start } = mutant;
  const source = sources.get(file) ?? '';
  const key = keyAt(file, source, start);
  const entering = likeliestFirst(
    file,
    tried.filter(({ entered }) => entered.includes(key)),
  );
  const outcome = await killed();
  const why = outcome === 'survived' || outcome === 'not entered' ? explanationOf(explanations, mutant) : undefined;
  if (outcome === 'survived' || outcome === 'not entered') {
    console.log(
      `${why === undefined ? outcome : 'explained'}: ${file}:${line}  ${mutation}${why === undefined ? '' : `: ${why}`}`,
    );
  }
  return why === undefined ? outcome : 'explained';

  async function killed(): Promise<Outcome> {
    if (entering.length === 0) return 'not entered';
    const usualMillis = entering.reduce((sum, { millis }) => sum + millis, 0);
    const answer = await tests.ask(
      {
        kind: 'test',
        file,
        source: applyMutant(source, mutant),
        tests: entering.map(({ test }) => test),
        testTimeoutMillis: TEST_TIMEOUT_MILLIS + 4 * Math.max(...entering.map(({ slowestMillis }) => slowestMillis)),
      },
      TIMEOUT_MILLIS + usualMillis * 4,
    );
    if (answer === undefined) return 'timeout';
    return answer.kind === 'tested' && answer.killedBy !== undefined ? 'killed' : 'survived';
  }
}

/** First the tests of the file itself, then the quick ones. */
function likeliestFirst(file: string, tests: readonly TriedTest[]): TriedTest[] {
  const name = basename(file, '.ts');
  const rank = ({ test, millis }: TriedTest): number => (basename(test).startsWith(`${name}.`) ? 0 : millis);
  return tests.toSorted((a, b) => rank(a) - rank(b));
}

function report(outcomes: ReadonlyMap<Mutant, Outcome>): boolean {
  console.log('');
  for (const file of files) {
    const ofFile = [...outcomes].filter(([mutant]) => mutant.file === file).map(([, outcome]) => outcome);
    if (ofFile.length > 0) console.log(summary(file, ofFile));
  }
  const { percent } = score([...outcomes.values()]);
  console.log(summary(`${room}`, [...outcomes.values()]));
  for (const explanation of stale) console.log(`explained, but there is no such mutant: ${explanation}`);
  return percent >= WANTED_PERCENT && stale.length === 0;
}

function summary(name: string, outcomes: readonly Outcome[]): string {
  const { percent, counts } = score(outcomes);
  return `${percent.toFixed(1).padStart(5)} %  ${name}: ${counts}`;
}

/** Explained mutants count as killed: they cannot be. */
function score(outcomes: readonly Outcome[]): { readonly percent: number; readonly counts: string } {
  const counts = Object.entries(Object.groupBy(outcomes, (outcome) => outcome));
  const lost = outcomes.filter((outcome) => outcome === 'survived' || outcome === 'not entered').length;
  return {
    percent: outcomes.length === 0 ? 100 : (100 * (outcomes.length - lost)) / outcomes.length,
    counts: counts.map(([outcome, { length }]) => `${length} ${outcome}`).join(', '),
  };
}

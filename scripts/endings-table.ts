// Generates docs/endings.md from the figures of `npm run bench -- endings`; prints it or writes it:
// node scripts/endings-table.ts bench/results/endings.json [--write docs/endings.md]
import { readFileSync, writeFileSync } from 'node:fs';
import type {
  DistributionFigures,
  EndingFigures,
  EndingsFigures,
  ProgramFigures,
  ProgramResult,
} from '../bench/endings/figures.ts';
import { type Share, summarize } from '../bench/endings/summary.ts';
import { markdownTable } from './markdown-table.ts';

const SWANSONG = 'swansong';
/** Rows whose processes end without running JavaScript. */
const FIRST_NATIVE_ROW = 23;

/** The whole document: what arrives and what changes, per ending and distribution, then per program. */
export function endingsDocument(figures: EndingsFigures): string {
  const names = figures.distributions.map(({ name }) => name);
  const others = names.filter((name) => name !== SWANSONG);
  const overview = (cell: (ending: EndingFigures, name: string) => string): string =>
    markdownTable(
      ['#', 'ending', ...names],
      figures.endings.map((ending) => [String(ending.row), ending.ending, ...names.map((name) => cell(ending, name))]),
    );
  return `${[
    introduction(figures),
    '## Set-up',
    markdownTable(
      ['distribution', 'package', 'version', '`@opentelemetry/api`', 'set-up'],
      figures.distributions.map(setUpCells),
    ),
    SET_UP_NOTES,
    '## What arrives',
    ARRIVES_LEGEND,
    overview(arrivedCell),
    '## What changes',
    changesLegend(figures.boundMillis),
    overview(unchangedCell),
    '## What swansong does not deliver',
    notDelivered(figures),
    '## What the others do better',
    OTHERS_INTRODUCTION,
    betterElsewhere(figures, others),
    OTHERS_NOTES,
    '## Program by program',
    PROGRAMS_LEGEND,
    ...figures.endings.flatMap(({ row, ending, programs }) => [
      `### ${row}. ${ending}`,
      markdownTable(
        ['program', ...names],
        programs.map((it) => [it.name, ...names.map((name) => programCell(it, it.results[name] ?? null))]),
      ),
    ]),
    '## Measure again',
    MEASURE_AGAIN,
  ].join('\n\n')}\n`;
}

function introduction({ measuredAt, machine, rounds, endings }: EndingsFigures): string {
  const programs = endings.reduce((sum, ending) => sum + ending.programs.length, 0);
  return `<!-- Made by scripts/endings-table.ts from the figures of the bench "endings": not to be edited. -->

# How a process can end, and what is known of it afterwards

Each of ${programs} small programs ends in a different way, once without a preload and once with each distribution, with a backend on the same
machine that accepts everything. Measured on ${measuredAt.slice(0, 10)} with Node ${machine.node} (${machine.platform}), ${rounds === 1 ? 'once each' : `${rounds} times each; the worst result counts`}.`;
}

function setUpCells({ name, package: packageName, version, api, setUp }: DistributionFigures): string[] {
  return [name, `\`${packageName}\``, version, api, setUp];
}

const SET_UP_NOTES = `Each distribution runs with a version of \`@opentelemetry/api\` that it supports: next to \`@opentelemetry/api\` 1.10, SDK 2.x and dd-trace bring a
second copy of the API, and the application's own spans silently become no-ops. Before the measurement, a control program that runs for eight
seconds shows that the spans of each distribution arrive if the process does not end.`;

const ARRIVES_LEGEND = `Searched for as text in everything that the backend received and acknowledged, after decompression:

- **error**: the message of the error that ended the program, or that it survived. Values without a searchable text (\`null\`, \`42\`) are not counted.
- **ended**: spans that had ended before.
- **open**: spans that had started and not ended.

\`all\`: everything, in every program of the row. \`n/a\`: the row is about OTLP, which the distribution does not use. The spans are created with the
OpenTelemetry API, except that of an incoming request, which needs instrumentation (auto-instrumentations has none in ES modules by
default).`;

function changesLegend(boundMillis: number): string {
  return `Compared with the same program without a preload: exit code or signal, stdout and stderr, byte for byte. \`yes\`: unchanged in every program of
the row; otherwise in how many. \`hung\`: killed after ${boundMillis / 1000} s; no program runs for more than half a second by itself. Not compared are process ids, V8's own figures,
and the stack frames of libraries between two functions of the application. Node prints other internal frames in a
program that has a second listener for an event, uses an \`AsyncLocalStorage\`, or has any \`--import\`: a run that is equal to one with a preload that
does only this also counts as unchanged. What a distribution prints about itself is a change: for swansong, the warnings
of rows 16 and 17 that \`shutdown()\` came too early, and in row 8 one
stack frame of an error that a listener of \`unhandledRejection\` throws ([what swansong replaces](what-is-replaced.md)). Handlers of Express 5.3 and
Fastify have some frames of these and of Node in their stacks, which no program here shows ([instrumentation.md](instrumentation.md#routes)). An unhandled
rejection of a command of ioredis, which no program here has, ends the process only without a listener ([why](what-is-replaced.md#what-libraries-do-because-somebody-listens)).`;
}

const OTHERS_INTRODUCTION =
  'From the figures: where another distribution delivers more, or changes less, than swansong does.';

const OTHERS_NOTES = `And what these figures do not show:

- Sentry groups errors and keeps the source lines around each stack frame; values of local variables, where that is switched on.
- dd-trace reports faults of native code with their native stack, from a second process. swansong does not record them.
- auto-instrumentations, EDOT, Sentry and dd-trace instrument dozens of libraries by default; swansong instruments \`node:http\`, \`fetch\` and the
  runtime, and what \`SWANSONG_INSTRUMENTATIONS\` names.
- EDOT and dd-trace write the ids of trace and span into the lines of pino, which row 18 counts as a change. swansong leaves logs alone.
- dd-trace and EDOT can be configured from their backends while the process runs.`;

const PROGRAMS_LEGEND =
  'What arrived, and after the semicolon what changed. `stderr +1 −6`: one line more, and six lines less. The programs are in `test/fixtures/endings` and `bench/endings/programs`.';

const MEASURE_AGAIN = `\`\`\`sh
npm run build
npm run bench -- endings [--rounds N]     # installs the distributions in bench/, from their lockfiles; about a quarter of an hour
node scripts/endings-table.ts bench/results/endings.json --write docs/endings.md
\`\`\`

How long the delivery at the end takes: \`npm run bench -- crash\`.`;

/** `all`, `nothing`, or the number of each kind. */
function arrivedText(shares: readonly (readonly [kind: string, share: Share])[]): string {
  const made = shares.filter(([, { of }]) => of > 0);
  if (made.every(([, { arrived, of }]) => arrived === of)) return 'all';
  if (made.every(([, { arrived }]) => arrived === 0)) return 'nothing';
  return made.map(([kind, { arrived, of }]) => `${kind} ${arrived}/${of}`).join(', ');
}

function arrivedCell(ending: EndingFigures, name: string): string {
  const { programs, errors, ended, open } = summarize(ending, name);
  if (programs === 0) return 'n/a';
  return arrivedText([
    ['error', errors],
    ['ended', ended],
    ['open', open],
  ]);
}

function unchangedCell(ending: EndingFigures, name: string): string {
  const { programs, unchanged, hung } = summarize(ending, name);
  if (programs === 0) return 'n/a';
  if (unchanged === programs) return 'yes';
  return `${unchanged}/${programs}${hung > 0 ? `, ${hung} hung` : ''}`;
}

function programCell(it: ProgramFigures, result: ProgramResult | null): string {
  if (result === null) return 'n/a';
  return [arrivedIn(it, result), ...result.changes].join('; ');
}

function arrivedIn(it: ProgramFigures, result: ProgramResult): string {
  return arrivedText(KINDS.map(([key, kind]) => [kind, { arrived: result[key], of: it[key] }]));
}

const KINDS = [
  ['errors', 'error'],
  ['ended', 'ended'],
  ['open', 'open'],
] as const;

function notDelivered({ endings }: EndingsFigures): string {
  const native = endings.filter(({ row }) => row >= FIRST_NATIVE_ROW);
  const incomplete = endings
    .filter(({ row }) => row < FIRST_NATIVE_ROW)
    .flatMap(({ row, programs }) =>
      programs.flatMap((it) => {
        const result = it.results[SWANSONG] ?? null;
        const text = result === null ? 'all' : arrivedIn(it, result);
        return text === 'all' ? [] : [`- Row ${row}, ${it.name}: ${text}.`];
      }),
    );
  return `Rows ${FIRST_NATIVE_ROW} to 26: no JavaScript runs when these processes end, so no preload can send what it has not sent before. swansong
delivers nothing at these endings:

${native.map(({ row, ending }) => `- Row ${row}: ${ending}.`).join('\n')}

${incomplete.length === 0 ? 'Of rows 1 to 22 everything arrives.' : `Missing in rows 1 to 22:\n\n${incomplete.join('\n')}`}`;
}

/** A line for each program and each other distribution that delivered more of something, or changed less. */
function betterElsewhere({ endings }: EndingsFigures, others: readonly string[]): string {
  const lines = endings.flatMap(({ row, programs }) =>
    programs.flatMap((it) =>
      others.flatMap((name) => {
        const ours = it.results[SWANSONG] ?? null;
        const theirs = it.results[name] ?? null;
        if (ours === null || theirs === null) return [];
        const more = KINDS.filter(([key]) => theirs[key] > ours[key]).map(
          ([key, kind]) => `${kind} ${theirs[key]}/${it[key]} (swansong ${ours[key]}/${it[key]})`,
        );
        const less =
          theirs.changes.length === 0 && ours.changes.length > 0
            ? [`nothing changes (swansong: ${ours.changes.join(', ')})`]
            : [];
        if (more.length + less.length === 0) return [];
        const cost = more.length > 0 && theirs.changes.length > 0 ? `; it changes: ${theirs.changes.join(', ')}` : '';
        return [`- ${name}, row ${row}, ${it.name}: ${[...more, ...less].join(', ')}${cost}.`];
      }),
    ),
  );
  return lines.length === 0 ? 'None.' : lines.join('\n');
}

function main(): void {
  const [source, option, file, ...rest] = process.argv.slice(2);
  if (
    source === undefined ||
    (option !== undefined && (option !== '--write' || file === undefined || rest.length > 0))
  ) {
    console.error('Usage: node scripts/endings-table.ts bench/results/endings.json [--write FILE]');
    process.exitCode = 2;
    return;
  }
  const figures: EndingsFigures = JSON.parse(readFileSync(source, 'utf8'));
  const text = endingsDocument(figures);
  if (file === undefined) console.log(text);
  else writeFileSync(file, text);
}

if (process.argv[1] === import.meta.filename) main();

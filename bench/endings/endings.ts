import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { installFolder, installPeers } from '../harness/install-peers.ts';
import { registerFile } from '../harness/paths.ts';
import { writeResults } from '../harness/results.ts';
import { formatTable } from '../harness/table.ts';
import { type Application, makeApplication } from './application.ts';
import { benchEndings, type BenchProgram } from './bench-endings.ts';
import { Capture } from './capture.ts';
import { fewestChanges } from './compare-runs.ts';
import { type Distribution, distributions, versionOf } from './distributions.ts';
import type { EndingFigures, ProgramResult } from './figures.ts';
import { REQUEST, REQUEST_SPAN } from './made-telemetry.ts';
import { BOUND_MILLIS, isCommonJs, runProgram, standIns, type Surroundings } from './run-program.ts';
import { SUMMARY_HEADER, summaryRows } from './summary.ts';

const API = '@opentelemetry/api';

/** Runs every program of the table of endings with swansong and the other distributions: what arrives, and what changes. */
export async function endings(rounds = 1): Promise<void> {
  if (!existsSync(registerFile)) throw new Error(`${registerFile} does not exist: npm run build first`);
  installPeers(['auto']);
  for (const name of ['edot', 'sentry', 'dd-trace']) installFolder(join('endings/peers', name));
  const applications = new Map<Distribution, Application>();
  try {
    for (const distribution of distributions) {
      const packages = [API, ...(distribution.package === 'swansong' ? [] : [distribution.package])];
      const links = packages.map((name) => [name, join(distribution.folder, 'node_modules', name)] as const);
      const application = await makeApplication(Object.fromEntries(links));
      applications.set(distribution, application);
      await control(distribution, application);
    }
    const names = distributions.map(({ name }) => name);
    const figures: EndingFigures[] = [];
    for (const { row, ending, programs } of benchEndings) {
      const measured = [];
      for (const it of programs) {
        // In parallel: nothing here is timed, and most of the time is spent waiting for late requests.
        const results = await Promise.all(
          [...applications].map(async ([distribution, application]) => {
            const meant = distribution.otlp || !it.otlpOnly;
            return [distribution.name, meant ? await measure(it, distribution, application, rounds) : null] as const;
          }),
        );
        const { errors, ended, open } = it.made;
        measured.push({
          name: it.name,
          errors: errors.length,
          ended: total(ended),
          open: total(open),
          results: Object.fromEntries(results),
        });
      }
      const figure = { row, ending, programs: measured };
      figures.push(figure);
      console.log(`\n${row}. ${ending}\n${formatTable(SUMMARY_HEADER, summaryRows(figure, names))}`);
    }
    await writeResults('endings', {
      rounds,
      boundMillis: BOUND_MILLIS,
      distributions: distributions.map((distribution) => ({
        name: distribution.name,
        package: distribution.package,
        version: versionOf(distribution, distribution.package),
        api: versionOf(distribution, API),
        setUp: distribution.setUp,
      })),
      endings: figures,
    });
  } finally {
    for (const application of applications.values()) await application.remove();
  }
}

/**
 * A control program that runs long enough: if nothing arrives, the distribution is set up wrongly, and if the text of an error
 * arrives, that text is unsuitable, since the program has no error.
 */
async function control(distribution: Distribution, application: Application): Promise<void> {
  const capture = await Capture.start();
  try {
    const marker = newMarker();
    const run = await runProgram(
      { program: 'live-and-end.mjs' },
      surroundingsOf(distribution, application.folder, false, marker, capture),
    );
    await capture.untilQuiet(distribution.quietMillis);
    if (!capture.contains(`finished ${marker}.`)) {
      throw new Error(`${distribution.name}: not a span arrives while a program lives\n${run.stdout}${run.stderr}`);
    }
    const texts = benchEndings.flatMap(({ programs }) => programs.flatMap(({ made }) => made.errors.flat()));
    const found = [...new Set(texts)].filter((text) => capture.contains(text));
    if (capture.count(REQUEST_SPAN, undefined) > 0) found.push(String(REQUEST_SPAN));
    if (found.length > 0) throw new Error(`${distribution.name}: sends these by itself: ${found.join(', ')}`);
  } finally {
    await capture.close();
  }
}

async function measure(
  it: BenchProgram,
  distribution: Distribution,
  application: Application,
  rounds: number,
): Promise<ProgramResult> {
  const results: ProgramResult[] = [];
  for (let round = 0; round < rounds; round += 1) results.push(await measureOnce(it, distribution, application));
  const worst = (of: (result: ProgramResult) => number): number => Math.min(...results.map(of));
  return {
    errors: worst(({ errors }) => errors),
    ended: worst(({ ended }) => ended),
    open: worst(({ open }) => open),
    changes: [...new Set(results.flatMap(({ changes }) => changes))],
  };
}

async function measureOnce(
  it: BenchProgram,
  distribution: Distribution,
  application: Application,
): Promise<ProgramResult> {
  const { folder } = application;
  const bares = [];
  for (const preload of standIns(it.run, folder, distribution.preload(isCommonJs(it.run)))) {
    const bare = await runProgram(it.run, { folder, preload, environment: { ENDINGS_MARKER: newMarker() } });
    if (bare.hung) throw new Error(`${it.name}: does not end without a preload\n${bare.stdout}${bare.stderr}`);
    bares.push(bare);
  }
  const capture = await Capture.start(it.tls);
  try {
    if (it.run.input !== undefined) capture.hold();
    const marker = newMarker();
    const run = await runProgram(it.run, surroundingsOf(distribution, folder, isCommonJs(it.run), marker, capture));
    await capture.untilQuiet(distribution.quietMillis);
    const arrived = (spans: BenchProgram['made']['ended']): number =>
      spans.reduce(
        (sum, { name, count }) => sum + Math.min(count, countOf(name, marker, capture, distribution.notASpan)),
        0,
      );
    return {
      errors: it.made.errors.filter((texts) => texts.some((text) => capture.contains(text))).length,
      ended: arrived(it.made.ended),
      open: arrived(it.made.open),
      changes: fewestChanges(it.run, bares, run),
    };
  } finally {
    await capture.close();
  }
}

function surroundingsOf(
  distribution: Distribution,
  folder: string,
  commonJs: boolean,
  marker: string,
  capture: Capture,
): Surroundings {
  return {
    folder,
    preload: distribution.preload(commonJs),
    environment: {
      ENDINGS_MARKER: marker,
      ENDINGS_SHUTDOWN: distribution.shutdown(folder),
      ...distribution.environment(capture),
    },
    capture,
    inFlight: `finished ${marker}.`,
  };
}

function countOf(name: string, marker: string, capture: Capture, except: RegExp | undefined): number {
  if (name === REQUEST) return Math.min(1, capture.count(REQUEST_SPAN, except));
  return capture.count(new RegExp(`${name} ${marker}\\.\\d+;`, 'g'), except);
}

function newMarker(): string {
  return randomBytes(6).toString('hex');
}

function total(spans: readonly { readonly count: number }[]): number {
  return spans.reduce((sum, { count }) => sum + count, 0);
}

import { parseArgs } from 'node:util';
import { blocked } from './collector/blocked.ts';
import { measureBounds } from './collector/bounds.ts';
import { fuzz } from './collector/fuzz.ts';
import { kill } from './collector/kill.ts';
import { leak } from './collector/leak.ts';
import { measureLoad } from './collector/load.ts';
import { crash } from './crash/crash.ts';
import { endings } from './endings/endings.ts';
import { far } from './far/far.ts';
import { deadline } from './shutdown/deadline.ts';
import { shutdown } from './shutdown/shutdown.ts';
import { packageSize } from './package/package-size.ts';
import { micro } from './micro/micro.ts';
import { memory } from './memory/memory.ts';
import { queries } from './queries/queries.ts';
import { sideBySide } from './side-by-side/side-by-side.ts';
import { startup } from './startup/startup.ts';
import { throughput, type ThroughputOptions } from './throughput/throughput.ts';

const benches: Readonly<Record<string, (rounds: number | undefined, options: ThroughputOptions) => Promise<void>>> = {
  throughput,
  micro,
  startup,
  far,
  crash,
  shutdown,
  deadline,
  endings,
  collector: measureLoad,
  bounds: measureBounds,
  blocked,
  leak,
  kill,
  fuzz,
  package: packageSize,
  'side-by-side': sideBySide,
  queries,
  memory,
};
const usage = `usage: npm run bench [-- ${Object.keys(benches).join('|')}] [--rounds N]; throughput also takes --quick and --against REVISION`;

interface Choice {
  readonly names: readonly string[];
  readonly rounds: number | undefined;
  readonly options: ThroughputOptions;
}

/** The benches to run, or an error message about the arguments. */
function choose(): Choice | string {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { rounds: { type: 'string' }, quick: { type: 'boolean', default: false }, against: { type: 'string' } },
  });
  const rounds = values.rounds === undefined ? undefined : Number(values.rounds);
  if (rounds !== undefined && !(Number.isInteger(rounds) && rounds > 0)) {
    return `--rounds: expected an integer from 1 (got "${values.rounds}")`;
  }
  const unknown = positionals.find((name) => !Object.hasOwn(benches, name));
  if (unknown !== undefined) return `no bench is named "${unknown}"`;
  if ((values.quick || values.against !== undefined) && positionals.some((name) => name !== 'throughput')) {
    return `${values.quick ? '--quick' : '--against'}: only throughput takes it (got ${positionals.join(', ')})`;
  }
  return {
    names: positionals.length > 0 ? positionals : Object.keys(benches),
    rounds,
    options: { quick: values.quick, against: values.against },
  };
}

const choice = choose();
if (typeof choice === 'string') {
  console.error(`${choice}\n${usage}`);
  process.exitCode = 2;
} else {
  for (const name of choice.names) {
    console.log(`\n== ${name}`);
    await benches[name]?.(choice.rounds, choice.options);
  }
}

import { ENDINGS, type EndingProgram } from '../../test/support/endings.ts';
import { madeTelemetry, type MadeTelemetry, USUAL } from './made-telemetry.ts';
import type { Runnable } from './run-program.ts';

export interface BenchProgram {
  readonly name: string;
  readonly run: Runnable;
  readonly made: MadeTelemetry;
  readonly tls?: 'server' | 'mutual';
  /** Whether it is about settings of an OTLP exporter. */
  readonly otlpOnly: boolean;
}

export interface BenchEnding {
  readonly row: number;
  readonly ending: string;
  readonly programs: readonly BenchProgram[];
}

const OTLP_ROW = 22;

/** So that each distribution has a request in flight when the program fails. Not 0, which the SDK replaces by its default. */
const AT_ONCE = { OTEL_BSP_SCHEDULE_DELAY: '1', DD_TRACE_FLUSH_INTERVAL: '1' };

function native(name: string, program: string, errors: readonly string[], more: Partial<Runnable> = {}): BenchProgram {
  return {
    name,
    run: { program, ...more },
    made: { ...USUAL, errors: errors.map((text) => [text]) },
    otlpOnly: false,
  };
}

/** No JavaScript runs when these processes end. */
const nativeEndings: readonly BenchEnding[] = [
  {
    row: 23,
    ending: 'SIGTERM / SIGINT / SIGHUP with no handler anywhere',
    programs: (['SIGTERM', 'SIGINT', 'SIGHUP'] as const).map((signal) => native(signal, 'wait.mjs', [], { signal })),
  },
  {
    row: 24,
    ending: 'SIGKILL, kernel OOM killer',
    programs: [native('SIGKILL', 'wait.mjs', [], { signal: 'SIGKILL' })],
  },
  {
    row: 25,
    ending: 'heap limit reached ("JavaScript heap out of memory")',
    programs: [
      native('heap limit', 'exhaust-heap.mjs', ['heap out of memory'], { nodeArguments: ['--max-old-space-size=64'] }),
    ],
  },
  {
    row: 26,
    ending: '`process.abort()`, segfault, `--abort-on-uncaught-exception` (core dump unchanged)',
    programs: [
      native('process.abort()', 'abort.mjs', ['SIGABRT']),
      native('segfault', 'segfault.mjs', ['SIGSEGV']),
      native('--abort-on-uncaught-exception', 'throw-in-timer.mjs', ['the timer failed'], {
        nodeArguments: ['--abort-on-uncaught-exception'],
      }),
    ],
  },
];

/** All rows: 1 to 22 are those of the process tests, with their programs. */
export const benchEndings: readonly BenchEnding[] = [
  ...ENDINGS.map(({ row, ending, programs }) => ({
    row,
    ending,
    programs: programs.map((it) => toBenchProgram(it, row === OTLP_ROW)),
  })),
  ...nativeEndings,
];

function toBenchProgram(it: EndingProgram, otlpOnly: boolean): BenchProgram {
  const { name, input, tls } = it;
  const env = { ...it.env, ...(input === undefined ? {} : AT_ONCE) };
  return {
    name,
    run: { ...it, env },
    made: madeTelemetry(it),
    ...(tls === undefined ? {} : { tls }),
    otlpOnly,
  };
}

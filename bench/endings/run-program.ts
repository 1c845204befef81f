import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { EndingProgram } from '../../test/support/endings.ts';
import type { Capture } from './capture.ts';

/** A process that runs longer is killed: no program here runs for more than half a second by itself. */
export const BOUND_MILLIS = 15_000;
/** A child process of a distribution may keep the pipes open longer than the program does. */
const OUTPUT_MILLIS = 2000;
const IN_FLIGHT_MILLIS = 5000;
const MAJOR = Number.parseInt(process.versions.node, 10);

/** The part of a row of the table that is needed to run it. */
export type Runnable = Pick<
  EndingProgram,
  | 'program'
  | 'preload'
  | 'args'
  | 'nodeArguments'
  | 'env'
  | 'signal'
  | 'input'
  | 'framesOfTracing'
  | 'callsSwansong'
  | 'beside'
>;

export interface ProgramRun {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Whether it was killed; then code and signal have no meaning. */
  readonly hung: boolean;
}

export interface Surroundings {
  readonly folder: string;
  readonly preload: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** For the programs that fail while a request is in flight. */
  readonly capture?: Capture;
  /** Text that the request in flight must contain. */
  readonly inFlight?: string;
}

/** Runs a program to its end, as its row describes. */
export async function runProgram(it: Runnable, surroundings: Surroundings): Promise<ProgramRun> {
  const { folder, preload, environment, capture, inFlight } = surroundings;
  const byOptions = it.preload === 'node-options';
  const env = { ...inherited(), ...environment, ...it.env };
  const child = spawn(
    process.execPath,
    [
      ...(byOptions ? [] : preload),
      ...(it.nodeArguments ?? []),
      ...(it.framesOfTracing === true ? ['--stack-trace-limit=100'] : []),
      join(folder, it.program),
      ...(it.args ?? []),
    ],
    // In a new process group: a program that hangs may have children.
    {
      cwd: folder,
      env: byOptions ? { ...env, NODE_OPTIONS: preload.join(' ') } : env,
      stdio: 'pipe',
      detached: true,
    },
  );
  let stdout = '';
  let stderr = '';
  let hung = false;
  let ended = false;
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdin.on('error', () => {});
  const kill = (): void => {
    if (child.pid === undefined) return;
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      // The whole group has ended.
    }
  };
  process.once('exit', kill);
  const bound = setTimeout(() => {
    hung = true;
    kill();
  }, BOUND_MILLIS);
  const closed = once(child, 'close');
  const exited = once(child, 'exit').then(([code, signal]: unknown[]) => {
    ended = true;
    return { code: typeof code === 'number' ? code : null, signal: isSignal(signal) ? signal : null };
  });
  const ready = async (): Promise<void> => {
    while (!/^ready$/m.test(stdout) && !ended) await delay(5);
  };
  if (it.input === undefined) child.stdin.end();
  if (it.signal !== undefined || it.input !== undefined) await ready();
  if (it.signal !== undefined) child.kill(it.signal);
  if (it.input !== undefined) {
    const until = performance.now() + IN_FLIGHT_MILLIS;
    const arrived = (): boolean => capture === undefined || inFlight === undefined || capture.holds(inFlight);
    while (!arrived() && performance.now() < until) await delay(5);
    capture?.answerAgain();
    child.stdin.end(it.input);
  }
  const { code, signal } = await exited;
  await Promise.race([closed, delay(OUTPUT_MILLIS)]);
  clearTimeout(bound);
  process.removeListener('exit', kill);
  return { code, signal, stdout, stderr, hung };
}

/**
 * The preloads of the runs without a distribution: none, and for rows in which Node prints other internal frames because of what
 * any preload does, also a small preload that does only that. Any `--import` makes Node load a CommonJS program by the loader
 * of ES modules, with its frames.
 */
export function standIns(it: Runnable, folder: string, preload: readonly string[]): (readonly string[])[] {
  const flagsOf = (name: string): readonly string[] =>
    name === 'import-nothing'
      ? ['--import', join(folder, 'preload/import-nothing.mjs')]
      : ['--require', join(folder, `preload/${name}.cjs`)];
  const plain = it.program.endsWith('.cjs') && preload.includes('--import') ? flagsOf('import-nothing') : [];
  const { beside } = it;
  if (beside === undefined || !(beside.nodes ?? [MAJOR]).includes(MAJOR)) return [plain];
  return [plain, flagsOf(beside.preload)];
}

/** Whether it is preloaded by `--require`, if the distribution supports that. */
export function isCommonJs({ program, preload }: Runnable): boolean {
  return preload === undefined ? program.endsWith('.cjs') : preload === 'require';
}

function inherited(): Record<string, string> {
  const { PATH = '', HOME = '' } = process.env;
  return { PATH, HOME };
}

function isSignal(value: unknown): value is NodeJS.Signals {
  return typeof value === 'string' && value.startsWith('SIG');
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Row } from './rows.ts';

export interface ProgramRun {
  /** Milliseconds from the call of `spawn` to the end of the process. */
  readonly wallMillis: number;
  /** Milliseconds from the call of `spawn` to the first byte on stdout; `undefined` if the program printed nothing. */
  readonly firstOutputMillis: number | undefined;
  readonly stdout: string;
}

export interface ProgramEnd extends ProgramRun {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stderr: string;
}

/** Runs a program as `row` describes and waits for its end, successful or not. */
export async function runToEnd(
  row: Row,
  program: string,
  programArguments: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<ProgramEnd> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, [...row.nodeArguments, program, ...programArguments], {
    cwd: row.folder,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let firstOutputMillis: number | undefined;
  let endedAt = NaN;
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    firstOutputMillis ??= performance.now() - startedAt;
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  child.once('exit', () => {
    endedAt = performance.now();
  });
  const [code, signal]: unknown[] = await once(child, 'close');
  return {
    wallMillis: endedAt - startedAt,
    firstOutputMillis,
    code: typeof code === 'number' ? code : null,
    signal: typeof signal === 'string' ? signal : null,
    stdout,
    stderr,
  };
}

/**
 * The same, but throws unless exit code is 0 and stderr is empty: a preload that gives up with a warning would count as a fast
 * one.
 */
export async function spawnProgram(
  row: Row,
  program: string,
  programArguments: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<ProgramRun> {
  const { code, signal, stderr, ...run } = await runToEnd(row, program, programArguments, environment);
  if (code !== 0 || stderr !== '') {
    throw new Error(
      `${row.name}: ${program} ended with ${String(code ?? signal)}, expected exit code 0 and nothing on stderr (got ${JSON.stringify(stderr)})`,
    );
  }
  return run;
}

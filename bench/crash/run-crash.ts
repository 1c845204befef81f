import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Row } from '../harness/rows.ts';

const program = fileURLToPath(new URL('crash.mjs', import.meta.url));

export interface CrashRun {
  /** Milliseconds from the throw to the end of the process, on one clock. */
  readonly endMillis: number;
  /** Milliseconds from the call of `spawn` to the end of the process. */
  readonly wallMillis: number;
  readonly stderr: string;
}

/** Runs the crash to its end. @throws Error if the process does not end as Node ends after an uncaught error */
export async function runCrash(row: Row, spans: number, environment: NodeJS.ProcessEnv): Promise<CrashRun> {
  const startedAt = process.hrtime.bigint();
  let endedAt = startedAt;
  const child = spawn(process.execPath, [...row.nodeArguments, program, String(spans)], {
    cwd: row.folder,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  child.once('exit', () => {
    endedAt = process.hrtime.bigint();
  });
  const [code, signal]: unknown[] = await once(child, 'close');
  if (code !== 1 || !/^\d+$/.test(stdout) || !stderr.includes('Error: the bench failed')) {
    throw new Error(
      `${row.name}: ended with ${String(code ?? signal)}, expected exit code 1 and the error on stderr (got ${JSON.stringify(stderr)})`,
    );
  }
  return { endMillis: toMillis(endedAt - BigInt(stdout)), wallMillis: toMillis(endedAt - startedAt), stderr };
}

function toMillis(nanoseconds: bigint): number {
  return Number(nanoseconds) / 1e6;
}

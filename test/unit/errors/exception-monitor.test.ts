import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, it } from 'vitest';
import { programNode } from '../../support/run-fixture.ts';
import { HOSTILE } from './exception-values.ts';

interface Ending {
  readonly code: unknown;
  readonly signal: unknown;
  readonly stdout: string;
  readonly stderr: string;
}

/** Throws the value from a timer, with or without a monitor that describes it. */
function program(name: string, monitored: boolean): string {
  const values = new URL('exception-values.ts', import.meta.url);
  const exception = new URL('../../../src/errors/exception.ts', import.meta.url);
  const monitor = `process.on('uncaughtExceptionMonitor', (thrown) => { described = describeException(thrown); });`;
  return `
    import { HOSTILE } from ${JSON.stringify(values.href)};
    import { describeException } from ${JSON.stringify(exception.href)};
    let described;
    ${monitored ? monitor : ''}
    process.on('exit', () => console.log(described !== undefined));
    const value = HOSTILE[${JSON.stringify(name)}].make();
    setTimeout(() => { throw value; });
  `;
}

const folder = mkdtempSync(join(tmpdir(), 'swansong-monitor-'));
afterAll(() => rmSync(folder, { recursive: true }));
let runs = 0;

/** Into files: what does not fit into a pipe is lost when Node prints and ends. */
async function run(name: string, monitored: boolean): Promise<Ending> {
  runs += 1;
  const files = [join(folder, `${runs}.stdout`), join(folder, `${runs}.stderr`)];
  const [stdout = 0, stderr = 0] = files.map((file) => openSync(file, 'w'));
  const child = spawn(programNode(), ['--no-warnings', '--input-type=module', '--eval', program(name, monitored)], {
    stdio: ['ignore', stdout, stderr],
    env: { PATH: process.env['PATH'], NODE_COMPILE_CACHE: join(folder, 'cache') },
    timeout: 20_000,
  });
  closeSync(stdout);
  closeSync(stderr);
  const [code, signal]: unknown[] = await once(child, 'close');
  const [printed = '', complained = ''] = files.map((file) => readFileSync(file, 'utf8'));
  return { code, signal, stdout: printed, stderr: complained };
}

/** Node's own printing of these does not end in a minute, with or without a monitor. */
const UNPRINTABLE = new Set(['a braid of causes', 'an array of a billion', 'bytes that claim to be an error']);

describe.concurrent('uncaughtExceptionMonitor that describes', () => {
  it.for(Object.keys(HOSTILE).filter((name) => !UNPRINTABLE.has(name)))('%s', async (name, { expect }) => {
    const [without, monitored] = [await run(name, false), await run(name, true)];
    // A monitor that throws would turn the exit code into 7.
    expect(monitored).toEqual({ ...without, stdout: 'true\n' });
    expect(without.stdout).toBe('false\n');
  });
});

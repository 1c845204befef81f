import { execFileSync } from 'node:child_process';
import { cp, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Backend, startBackend } from '../support/backend.ts';
import { type FixtureOptions, programNode, registerFile, runFixture } from '../support/run-fixture.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const WAYS = [
  { way: 'exit', code: 3 },
  { way: 'drain', code: 0 },
  { way: 'crash', code: 1 },
];
/** From Node 25 on a process with permissions needs this one for any connection. */
const ALLOW_NET =
  execFileSync(programNode(), ['-p', "process.allowedNodeEnvironmentFlags.has('--allow-net')"], {
    encoding: 'utf8',
  }) === 'true\n'
    ? '--allow-net'
    : '';
/** Longer than a program may run in a test: one that waits for this long fails. */
const ENDLESS = '600000';

const spans = (backend: Backend) => backend.acknowledgedSpans().map(({ name }) => name);

/** The same program, with a folder for it to delete, without swansong and with it. */
async function runTwice(options: (folder: string) => FixtureOptions) {
  const backend = await startBackend();
  const without = await runFixture({ ...options(await emptyFolder()), preload: 'none' });
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: backend.url, SWANSONG_EXIT_TIMEOUT: ENDLESS };
  return { without, preloaded: await runFixture({ ...options(await emptyFolder()), env }), backend };
}

async function emptyFolder(): Promise<string> {
  const folder = join(await temporaryFolder(), 'release');
  await mkdir(folder);
  return folder;
}

/** What is installed, in a folder of its own. */
async function installed(): Promise<{ readonly folder: string; readonly register: string }> {
  const folder = join(await temporaryFolder(), 'dist');
  await cp(dirname(registerFile), folder, { recursive: true });
  return { folder, register: join(folder, 'register.cjs') };
}

describe.each(WAYS)('$way: nothing is lost', ({ way, code }) => {
  it('when the package has been deleted meanwhile', async () => {
    const { folder, register } = await installed();
    const program = 'end-without-folder.mjs';
    const backend = await startBackend();
    const without = await runFixture({ program, args: [way], preload: 'none' });
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: backend.url, SWANSONG_EXIT_TIMEOUT: ENDLESS };
    const preloaded = await runFixture({ program, args: [way, folder], register, env });
    expect({ ...preloaded, received: spans(backend) }).toEqual({ ...without, received: ['ended', 'open'] });
    expect(preloaded.code).toBe(code);
  });

  it('when the working directory has been deleted meanwhile', async () => {
    const { without, preloaded, backend } = await runTwice((cwd) => ({
      program: 'end-without-folder.mjs',
      args: [way, cwd],
      cwd,
    }));
    expect({ ...preloaded, received: spans(backend) }).toEqual({ ...without, received: ['ended', 'open'] });
    expect(preloaded).toMatchObject({ code, stdout: 'in a folder that is gone: ENOENT\n' });
  });

  it.each([
    '--disallow-code-generation-from-strings',
    '--frozen-intrinsics',
    '--no-experimental-require-module',
    `--permission --allow-worker --allow-fs-read=* ${ALLOW_NET}`.trim(),
  ])('with %s', async (options) => {
    const nodeArguments = options.split(' ');
    const { without, preloaded, backend } = await runTwice(() => ({
      program: 'end-without-folder.mjs',
      args: [way],
      nodeArguments,
    }));
    // Node's line about an experimental feature begins with the process id.
    const comparable = (text: string): string => text.replaceAll(/\(node:\d+\)/g, '');
    expect({ ...preloaded, stderr: comparable(preloaded.stderr), received: spans(backend) }).toEqual({
      ...without,
      stderr: comparable(without.stderr),
      received: ['ended', 'open'],
    });
  });
});

it('tells at once what is lost where no thread can be started', async () => {
  const { without, preloaded, backend } = await runTwice((cwd) => ({
    program: 'end-worker-without-folder.mjs',
    cwd,
  }));
  expect({ ...preloaded, received: spans(backend) }).toEqual({
    ...without,
    stderr:
      'swansong: lost at the end of the process: 1 span (the thread that sends it has ended), 2 log records (the thread that sends it has ended)\n',
    received: [],
  });
});

import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test, vi } from 'vitest';
import { type Fixture, runFixture, startFixture } from '../../support/run-fixture.ts';
import { waitFor } from '../../support/wait-for.ts';

const program = (name: string): string => fileURLToPath(new URL(`programs/${name}`, import.meta.url));
const echo = program('echo-environment.mjs');
const conversation = program('conversation.mjs');
const register = program('preload.cjs');

interface Echo {
  env: Record<string, string>;
  args: string[];
  execArgv: string[];
  execPath: string;
  cwd: string;
  preloaded: number | null;
}

function parse(stdout: string): Echo {
  return JSON.parse(stdout);
}

afterEach(() => vi.unstubAllEnvs());

test.each([
  ['import', 1],
  ['require', 1],
  ['node-options', 1],
  ['none', null],
] as const)('preload %s', async (preload, preloaded) => {
  const { code, signal, stdout, stderr } = await runFixture({ program: echo, preload, register });
  expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: '' });
  expect(parse(stdout).preloaded).toBe(preloaded);
});

test('a preload whose path has a space, together with NODE_OPTIONS of the test', async () => {
  const { stdout } = await runFixture({
    program: echo,
    preload: 'node-options',
    register: program('a preload.cjs'),
    env: { NODE_OPTIONS: '--no-deprecation' },
  });
  expect(parse(stdout).preloaded).toBe(1);
  expect(parse(stdout).env['NODE_OPTIONS']).toMatch(/^--import ".*" --no-deprecation$/);
});

test('only the given environment is passed on, not that of the tests', async () => {
  vi.stubEnv('OTEL_SERVICE_NAME', 'leak');
  vi.stubEnv('SWANSONG_LEAK', 'leak');
  vi.stubEnv('NODE_OPTIONS', '--no-warnings');
  const { stdout } = await runFixture({
    program: echo,
    preload: 'none',
    env: { OTEL_TRACES_EXPORTER: 'none' },
  });
  const { env, execArgv } = parse(stdout);
  const allowed = new Set(['PATH', 'HOME', 'USER', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR', 'OTEL_TRACES_EXPORTER']);
  // macOS adds __CF_USER_TEXT_ENCODING to every process.
  expect(Object.keys(env).filter((name) => !allowed.has(name) && !name.startsWith('__'))).toEqual([]);
  expect(env).toMatchObject({ PATH: process.env['PATH'], OTEL_TRACES_EXPORTER: 'none' });
  expect(execArgv).toEqual([]);
});

test('arguments of the program and of Node, and the folder of the program', async () => {
  const { stdout } = await runFixture({
    program: echo,
    preload: 'none',
    args: ['one', 'two words'],
    nodeArguments: ['--no-deprecation'],
  });
  expect(parse(stdout)).toMatchObject({
    args: ['one', 'two words'],
    execArgv: ['--no-deprecation'],
    cwd: fileURLToPath(new URL('programs', import.meta.url)),
    execPath: realpathSync(process.env['SWANSONG_TEST_NODE'] ?? process.execPath),
  });
});

test('SWANSONG_TEST_NODE names the Node binary, the option of a test comes first', async () => {
  vi.stubEnv('SWANSONG_TEST_NODE', '/nowhere/node');
  await expect(runFixture({ program: echo, preload: 'none' })).rejects.toThrow('could not be started');
  const { code } = await runFixture({ program: echo, preload: 'none', node: process.execPath });
  expect(code).toBe(0);
});

test('a conversation: lines, input, a signal, the end', async () => {
  const fixture = startFixture({ program: conversation, preload: 'none' });
  await fixture.line('ready');
  fixture.write('hello\nworld\n');
  expect(await fixture.line(/^heard w/)).toBe('heard world');
  expect(await fixture.line('heard')).toBe('heard hello');
  fixture.kill('SIGTERM');
  expect(await fixture.line('asked', { stream: 'stderr' })).toBe('asked to stop');
  expect(await fixture.result).toEqual({
    code: 3,
    signal: null,
    stdout: 'ready\nheard hello\nheard world\n',
    stderr: 'asked to stop\n',
  });
});

test('the input of a program that runs to its end is what was given, or empty', async () => {
  const given = await runFixture({ program: conversation, preload: 'none', stdin: 'a\nb\n' });
  expect(given.stdout).toBe('ready\nheard a\nheard b\nend of input\n');
  expect((await runFixture({ program: conversation, preload: 'none' })).stdout).toBe('ready\nend of input\n');
});

test('the signal that ended a program is in the result', async () => {
  const fixture = startFixture({ program: conversation, preload: 'none' });
  await fixture.line('ready');
  fixture.kill('SIGKILL');
  expect(await fixture.result).toMatchObject({ code: null, signal: 'SIGKILL' });
});

test('waiting for a line fails with the output when the program has ended', async () => {
  const fixture = startFixture({ program: conversation, preload: 'none', stdin: '' });
  await expect(fixture.line('never said')).rejects.toThrow(/ended without never said on stdout[^]*end of input/);
});

test('a line counts when it is complete, or when the process has ended', async () => {
  const fixture = startFixture({ program: program('unfinished-line.mjs'), preload: 'none' });
  await waitFor(() => fixture.stdout === 'half a line', 'half a line');
  await expect(fixture.line('half', { boundMillis: 1 })).rejects.toThrow('waited 1 ms for half on stdout');
  fixture.kill('SIGKILL');
  expect(await fixture.line('half')).toBe('half a line');
});

test('a program that does not end is killed at its time limit, and the failure shows the output', async () => {
  const fixture = startFixture({ program: conversation, preload: 'none', timeoutMillis: 500 });
  await expect(fixture.result).rejects.toThrow(/did not end within 500 ms: killed\n--- stdout/);
  expect(isRunning(fixture.pid)).toBe(false);
});

test('a missing program and a missing preload are reported', () => {
  expect(() => startFixture({ program: 'no-such-program.mjs', preload: 'none' })).toThrow(
    /program: expected a file \(got .*test\/fixtures\/no-such-program\.mjs\)/,
  );
  expect(() => startFixture({ program: echo, register: '/nowhere/register.cjs' })).toThrow(
    '/nowhere/register.cjs does not exist: npm run build first',
  );
});

let left: Fixture | undefined;
test('a program may be left running at the end of a test …', async () => {
  left = startFixture({ program: conversation, preload: 'none' });
  await left.line('ready');
  expect(isRunning(left.pid)).toBe(true);
});
test('… where it is killed', () => {
  expect(left).toBeDefined();
  expect(isRunning(left?.pid ?? process.pid)).toBe(false);
});

/** Asks by sending nothing. */
function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

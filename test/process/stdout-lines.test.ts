import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { programNode, registerFile } from '../support/run-fixture.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { whenTestEnds } from '../support/when-test-ends.ts';

const PROGRAM = resolve(import.meta.dirname, '../fixtures/print-and-end.mjs');
/** Longer than a test may take: a program that waits for this long fails. */
const ENDLESS = '600000';
/** Bytes that a pipe takes while nobody reads. */
const PIPE = 65_536;
const NO_LOSS: readonly string[] = [];

/** Shell commands at the other end of the pipe. The program makes `$READ` before it ends; `$ENDED` is there when it has ended. */
const READERS = {
  'reads at once': 'cat',
  'reads later': 'while ! [ -e "$READ" ]; do sleep 0.05; done; cat',
  'reads when the program has ended': 'while ! [ -e "$ENDED" ]; do sleep 0.05; done; cat',
  'reads one line': 'head -n 1',
};

interface Piped {
  readonly args: readonly string[];
  readonly reader: keyof typeof READERS;
  readonly preload?: boolean;
  readonly timeout?: string;
  /** Where the program's standard output goes in place of the reader. */
  readonly file?: string;
}

/** Runs the program with a pipe of the shell's as its standard output: Node itself would give it a socket. */
async function run({ args, reader, preload = true, timeout = ENDLESS, file }: Piped) {
  const folder = await temporaryFolder();
  const command = `{ "$@" ${file === undefined ? '' : `> ${file}`}; echo "code $?" >&2; : > "$ENDED"; } | { ${READERS[reader]}; }`;
  const flags = preload ? ['--import', registerFile] : [];
  const child = spawn('sh', ['-c', command, 'sh', programNode(), ...flags, PROGRAM, ...args], {
    env: {
      PATH: process.env['PATH'],
      ENDED: join(folder, 'ended'),
      READ: join(folder, 'read'),
      OTEL_TRACES_EXPORTER: 'otlp/stdout',
      OTEL_METRICS_EXPORTER: 'none',
      OTEL_LOGS_EXPORTER: 'none',
      OTEL_BSP_SCHEDULE_DELAY: args[0]?.includes('line is written') === true ? '0' : '60000',
      SWANSONG_EXIT_TIMEOUT: timeout,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  whenTestEnds(() => {
    // The whole pipeline, should it still run.
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    } catch {
      // It has ended.
    }
  });
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  const losses = stderr.split('\n').filter((line) => line.startsWith('swansong: '));
  return {
    code: Number(/^code (\d+)$/m.exec(stderr)?.[1]),
    stdout,
    stderr: stderr.replaceAll(/^(?:code \d+|swansong: .*)\n/gm, ''),
    losses,
  };
}

/** What a reader of lines makes of them: names of spans, how long a line is that is no JSON, or the line itself. */
function readLines(stdout: string): readonly unknown[] {
  const lines = stdout.split('\n');
  expect(lines.pop()).toBe('');
  return lines.map((line) => {
    if (!line.startsWith('{')) return line.length > 100 ? `${line[0]} × ${line.length}` : line;
    try {
      const { resourceSpans } = JSON.parse(line);
      return resourceSpans[0].scopeSpans[0].spans.map(({ name }: { readonly name: string }) => name);
    } catch {
      return `cut after ${line.length}`;
    }
  });
}

const spans = (count: number): readonly string[] => Array.from({ length: count }, (_, index) => `span ${index + 1}`);

describe.each(['reads at once', 'reads later'] as const)('a reader that %s has whole lines', (reader) => {
  it.each([
    { way: 'exit', words: [] },
    { way: 'exit', words: ['x'] },
    { way: 'drain', words: [] },
    { way: 'drain', words: ['x', 'y'] },
    { way: 'crash', words: ['x'] },
    { way: 'in a worker', words: [] },
    { way: 'in a worker', words: ['x'] },
  ])('$way, after $words', async ({ way, words }) => {
    const args = [way, '150', ...words];
    const without = await run({ args, reader, preload: false });
    const { stdout, ...preloaded } = await run({ args, reader });
    expect({ ...preloaded, stdout: readLines(stdout) }).toEqual({
      ...without,
      stdout: [...words, spans(150)],
      losses: NO_LOSS,
    });
    expect(without.stdout).toBe(words.map((word) => `${word}\n`).join(''));
  });

  it('of several batches', async () => {
    const { stdout, ...rest } = await run({ args: ['exit', '1100', 'x'], reader });
    expect({ ...rest, stdout: readLines(stdout).flat() }).toEqual({
      code: 3,
      stdout: ['x', ...spans(1100)],
      stderr: '',
      losses: NO_LOSS,
    });
  });
});

describe('a reader that goes away', () => {
  it('is not the end of the application: what it does not read is counted', async () => {
    const { stdout, losses, ...rest } = await run({ args: ['go on', '150'], reader: 'reads one line' });
    expect({ ...rest, stdout: readLines(stdout) }).toEqual({
      code: 3,
      stdout: [spans(150)],
      stderr: 'the application goes on\n',
    });
    expect(losses).toEqual([
      'swansong: losing spans (refused): EPIPE: broken pipe, write; further losses are only counted',
      expect.stringMatching(
        /^swansong: lost at the end of the process: \d+ spans? \(refused\), 1 span \(EPIPE: broken pipe, write\)$/,
      ),
    ]);
  });

  it.each(['exit', 'drain'])('before the end by %s: the loss is told', async (way) => {
    const args = [way, '1100', 'x'];
    const without = await run({ args, reader: 'reads one line', preload: false });
    expect(await run({ args, reader: 'reads one line' })).toEqual({
      ...without,
      losses: ['swansong: lost at the end of the process: 1100 spans (EPIPE: broken pipe, write)'],
    });
  });
});

describe('a reader that stalls', () => {
  it.each([
    { way: 'exit', words: [] },
    { way: 'exit', words: ['x'] },
    { way: 'drain', words: [] },
    { way: 'drain', words: ['x'] },
  ])('holds the process for the budget, no longer, and the loss is told: $way after $words', async ({ way, words }) => {
    const reader = 'reads when the program has ended';
    const { code } = await run({ args: [way, '1100', ...words], reader, preload: false });
    const { stdout, ...rest } = await run({ args: [way, '1100', ...words], reader, timeout: '300' });
    const printed = words.map((word) => `${word}\n`).join('');
    expect(stdout.length).toBeLessThanOrEqual(PIPE);
    expect({ ...rest, printed: stdout.slice(0, printed.length) }).toEqual({
      code,
      stderr: '',
      losses: [
        'swansong: lost at the end of the process: 512 spans (standard output did not take it in time), 588 spans (not sent in time)',
      ],
      printed,
    });
  });

  it.each(['exit while a line is written', 'drain while a line is written'])('does so for %s', async (way) => {
    const reader = 'reads when the program has ended';
    const { stdout, ...rest } = await run({ args: [way, '150'], reader, timeout: '300' });
    expect({ ...rest, bytes: stdout.length }).toEqual({
      code: 3,
      stderr: '',
      losses: ['swansong: lost at the end of the process: 150 spans (standard output did not take it in time)'],
      bytes: PIPE,
    });
  });

  it('is waited for, but not for ever, by what the application has printed', async () => {
    const reader = 'reads when the program has ended';
    const args = ['print while a line is written, drain', '150'];
    const { code, losses } = await run({ args, reader, timeout: '300' });
    expect({ code, losses }).toEqual({
      code: 0,
      losses: ['swansong: lost at the end of the process: 150 spans (standard output did not take it in time)'],
    });
  });
});

describe('what is left in the stream when the process ends', () => {
  it('is cut as without swansong, and whole lines follow', async () => {
    const args = ['exit behind its own output', '150'];
    const without = await run({ args, reader: 'reads when the program has ended', preload: false });
    const { stdout, ...rest } = await run({ args, reader: 'reads later' });
    expect({ ...rest, stdout: readLines(stdout) }).toEqual({
      code: 3,
      stdout: [`y × ${PIPE}`, spans(150)],
      stderr: '',
      losses: NO_LOSS,
    });
    expect(without.stdout).toBe('y'.repeat(PIPE));
  });
});

describe('a line that is being written', () => {
  it.each([
    { way: 'exit while a line is written', printed: [] },
    { way: 'drain while a line is written', printed: [] },
    { way: 'print while a line is written, exit', printed: ['a', 'b', 'c'] },
    { way: 'print while a line is written, drain', printed: ['a', 'b', 'c'] },
  ])('is finished, once, before what the application prints: $way', async ({ way, printed }) => {
    const { stdout, ...rest } = await run({ args: [way, '150'], reader: 'reads later' });
    expect({ ...rest, stdout: readLines(stdout) }).toEqual({
      code: 3,
      stdout: [spans(150), ...printed],
      stderr: '',
      losses: NO_LOSS,
    });
  });
});

it('a file system that is full is a reason', async () => {
  expect(await run({ args: ['exit', '150'], reader: 'reads at once', file: '/dev/full' })).toEqual({
    code: 3,
    stdout: '',
    stderr: '',
    losses: ['swansong: lost at the end of the process: 150 spans (ENOSPC: no space left on device, write)'],
  });
});

import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { Conditions, type WaitOptions } from './wait-for.ts';
import { type OnTestFinished, whenTestEnds } from './when-test-ends.ts';

const fixturesFolder = fileURLToPath(new URL('../fixtures', import.meta.url));
/** The preload that `npm run build` makes. */
export const registerFile: string = fileURLToPath(new URL('../../dist/register.cjs', import.meta.url));

/** The Node that runs the programs of the tests, which is not always the one that runs the tests. */
export function programNode(): string {
  return process.env['SWANSONG_TEST_NODE'] ?? process.execPath;
}

/** All that a child inherits: no OTEL_*, no NODE_OPTIONS, nothing of the runner's. */
const INHERITED = ['PATH', 'HOME', 'USER', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR'];
/** Below the limit of a test (30 s), whose message would not show the output. */
const TIMEOUT_MILLIS = 20_000;
const MAX_OUTPUT_CHARACTERS = 16 * 1024 * 1024;

type Preload = 'import' | 'require' | 'node-options' | 'none';

export interface FixtureOptions {
  /** Absolute, or relative to `test/fixtures`. */
  readonly program: string;
  /** The Node binary. Default: `SWANSONG_TEST_NODE`, else the one that runs the tests. */
  readonly node?: string;
  /** Options of Node itself, after the preload. */
  readonly nodeArguments?: readonly string[];
  readonly args?: readonly string[];
  /** Added to the few variables that are inherited (PATH, HOME, locale, time zone). */
  readonly env?: Readonly<Record<string, string>>;
  /** How swansong is loaded. Default `import`. */
  readonly preload?: Preload;
  /** What is preloaded. Default `dist/register.cjs` of this repository. */
  readonly register?: string;
  /** Written to stdin, which is then closed. Default: stdin stays open until `endInput()` or the end. */
  readonly stdin?: string;
  /** Default: the program's folder, so that the package.json around the program is the application's. */
  readonly cwd?: string;
  /** Milliseconds after which the child is killed and the result rejects. Default 20 000. */
  readonly timeoutMillis?: number;
  /** Give the `onTestFinished` of a concurrent test's context. */
  readonly onTestFinished?: OnTestFinished;
}

export interface FixtureResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

/** A child that would outlive an interrupted run is killed with this process. */
const running = new Set<Child>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** A program that runs: read its output, send it signals, wait for its end. Killed when the test ends. */
export class Fixture {
  readonly #child: Child;
  readonly #conditions = new Conditions();
  readonly #program: string;
  #stdout = '';
  #stderr = '';
  #ended = false;
  /** Resolves when the process has ended and its output is complete; rejects when it had to be killed for the time limit. */
  readonly result: Promise<FixtureResult>;

  constructor(options: FixtureOptions) {
    this.#program = resolve(fixturesFolder, options.program);
    const timeoutMillis = options.timeoutMillis ?? TIMEOUT_MILLIS;
    const child = spawnFixture(this.#program, options);
    this.#child = child;
    running.add(child);
    let failure: Error | undefined;
    const fail = (reason: string): void => {
      failure ??= new Error(`${this.#program} ${reason}: killed\n${this.#describe()}`);
      child.kill('SIGKILL');
    };
    const limit = setTimeout(() => fail(`did not end within ${timeoutMillis} ms`), timeoutMillis);
    const outputGrew = (): void => {
      if (this.#stdout.length + this.#stderr.length > MAX_OUTPUT_CHARACTERS) fail('printed too much');
      this.#conditions.changed();
    };
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text;
      outputGrew();
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text;
      outputGrew();
    });
    const { promise, resolve: resolveResult, reject } = Promise.withResolvers<FixtureResult>();
    this.result = promise;
    // A test may end without asking for the result; the rejection is for those who do.
    promise.catch(() => {});
    const end = (): void => {
      clearTimeout(limit);
      running.delete(child);
      this.#ended = true;
      this.#conditions.changed();
    };
    child.once('error', (error) => {
      end();
      reject(new Error(`${this.#program} could not be started`, { cause: error }));
    });
    child.once('close', (code, signal) => {
      end();
      if (failure === undefined) resolveResult({ code, signal, stdout: this.#stdout, stderr: this.#stderr });
      else reject(failure);
    });
    // EPIPE: the program ended without reading, which is its business.
    child.stdin.on('error', () => {});
    if (options.stdin !== undefined) child.stdin.end(options.stdin);
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error(`${this.#program} has no process: it could not be started`);
    return this.#child.pid;
  }

  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  /**
   * The first complete line of stdout (or stderr) that contains the text or matches the pattern, past or to come.
   * @throws an `Error` that shows the output when the process ends without it or the bound passes
   */
  line(pattern: string | RegExp, options: WaitOptions & { stream?: 'stdout' | 'stderr' } = {}): Promise<string> {
    const { stream = 'stdout' } = options;
    const matches = (line: string): boolean =>
      typeof pattern === 'string' ? line.includes(pattern) : line.search(pattern) >= 0;
    const find = (): string | undefined => {
      const lines = (stream === 'stdout' ? this.#stdout : this.#stderr).split('\n');
      // What follows the last newline may still grow.
      const complete = this.#ended ? lines : lines.slice(0, -1);
      const found = complete.find((line) => matches(line));
      if (found === undefined && this.#ended) {
        throw new Error(`${this.#program} ended without ${String(pattern)} on ${stream}\n${this.#describe()}`);
      }
      return found;
    };
    return this.#conditions.until(find, `${String(pattern)} on ${stream}`, () => this.#describe(), options);
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Writes to the program's stdin. */
  write(text: string): void {
    this.#child.stdin.write(text);
  }

  endInput(): void {
    this.#child.stdin.end();
  }

  #describe(): string {
    return `--- stdout\n${this.#stdout}\n--- stderr\n${this.#stderr}`;
  }
}

/** Starts a program as a child process, preloaded with swansong, in a clean environment. */
export function startFixture(options: FixtureOptions): Fixture {
  const fixture = new Fixture(options);
  whenTestEnds(async () => {
    fixture.kill('SIGKILL');
    await fixture.result.catch(() => {});
  }, options.onTestFinished);
  return fixture;
}

/** Runs a program to its end. Its stdin is empty unless `stdin` is given. */
export function runFixture(options: FixtureOptions): Promise<FixtureResult> {
  return startFixture({ stdin: '', ...options }).result;
}

function spawnFixture(program: string, options: FixtureOptions): Child {
  if (!existsSync(program)) throw new Error(`program: expected a file (got ${program})`);
  const { preload = 'import', register = registerFile } = options;
  if (preload !== 'none' && !existsSync(register)) throw new Error(`${register} does not exist: npm run build first`);
  const flags: Readonly<Record<Preload, readonly string[]>> = {
    import: ['--import', register],
    require: ['--require', register],
    'node-options': [],
    none: [],
  };
  const env: Record<string, string> = {};
  for (const name of INHERITED) {
    const value = process.env[name];
    if (value !== undefined) env[name] = value;
  }
  Object.assign(env, options.env);
  if (preload === 'node-options') {
    // Quoted: NODE_OPTIONS is split at spaces.
    env['NODE_OPTIONS'] = [`--import ${JSON.stringify(register)}`, env['NODE_OPTIONS'] ?? ''].join(' ').trim();
  }
  return spawn(
    options.node ?? programNode(),
    [...flags[preload], ...(options.nodeArguments ?? []), program, ...(options.args ?? [])],
    { cwd: options.cwd ?? resolve(program, '..'), env, stdio: ['pipe', 'pipe', 'pipe'] },
  );
}

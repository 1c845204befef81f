import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { within } from './within.ts';

export interface ProgramOptions {
  /** For messages. */
  readonly name: string;
  /** The script and its arguments. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Aborts every wait for this program. */
  readonly interruption: AbortSignal;
}

/** Milliseconds between SIGTERM and SIGKILL when the tour is aborted. */
const GRACE_MILLIS = 2_000;

type Stream = 'stdout' | 'stderr';

/** A Node.js program in a child process; its output is kept, line by line. */
export class Program {
  readonly name: string;
  readonly #child: ChildProcessByStdio<null, Readable, Readable>;
  readonly #interruption: AbortSignal;
  readonly #lines: Readonly<Record<Stream, string[]>> = { stdout: [], stderr: [] };
  readonly #ended: Promise<string>;
  #somethingHappened = Promise.withResolvers<void>();
  #end: string | undefined;

  constructor({ name, args, env, cwd, interruption }: ProgramOptions) {
    this.name = name;
    this.#interruption = interruption;
    this.#child = spawn(process.execPath, args, {
      cwd,
      env: { ...inheritedEnvironment(), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of ['stdout', 'stderr'] as const) {
      createInterface({ input: this.#child[stream] }).on('line', (line) => {
        this.#lines[stream].push(line);
        this.#notify();
      });
    }
    this.#ended = this.#waitForEnd();
  }

  /**
   * The first line that contains the text, printed already or later.
   * @throws an `Error` if the program ends, or the time is up, without it
   */
  line(text: string, stream: Stream = 'stdout'): Promise<string> {
    const find = async (): Promise<string> => {
      for (;;) {
        const somethingHappened = this.#somethingHappened.promise;
        const found = this.#lines[stream].find((line) => line.includes(text));
        if (found !== undefined) return found;
        if (this.#end !== undefined) throw new Error(`${this.name} ended (${this.#end}) without printing "${text}"`);
        await somethingHappened;
      }
    };
    return within(find(), () => `line with "${text}" from ${this.name}`, this.#interruption);
  }

  /** Sends SIGTERM. @returns how it ended, for example `exit code 0` */
  stop(): Promise<string> {
    this.#child.kill('SIGTERM');
    return within(this.#ended, () => `end of ${this.name} after SIGTERM`, this.#interruption);
  }

  /** Waits for the program to end by itself. @returns how it ended, for example `exit code 1` */
  ended(): Promise<string> {
    return within(this.#ended, () => `end of ${this.name}`, this.#interruption);
  }

  /** What it has printed so far. */
  get lines(): Readonly<Record<Stream, readonly string[]>> {
    return this.#lines;
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  /** Ends the program, with SIGKILL after the grace period. Never rejects; does nothing if it has ended. */
  async end(): Promise<void> {
    if (this.#end !== undefined) return;
    this.#child.kill('SIGTERM');
    const force = setTimeout(() => this.kill(), GRACE_MILLIS);
    await this.#ended;
    clearTimeout(force);
  }

  async #waitForEnd(): Promise<string> {
    try {
      // "close" and not "exit": only then its output is complete.
      await once(this.#child, 'close');
      const { exitCode, signalCode } = this.#child;
      this.#end = signalCode === null ? `exit code ${exitCode}` : `signal ${signalCode}`;
    } catch (error) {
      this.#end = `could not be started: ${String(error)}`;
    }
    this.#notify();
    return this.#end;
  }

  #notify(): void {
    this.#somethingHappened.resolve();
    this.#somethingHappened = Promise.withResolvers();
  }
}

/** Without telemetry settings of the user, which would send the tour's telemetry elsewhere. */
function inheritedEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => name !== 'NODE_OPTIONS' && !/^(OTEL|SWANSONG)_/.test(name)),
  );
}

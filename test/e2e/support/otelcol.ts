import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { inject } from 'vitest';
import { Conditions } from '../../support/wait-for.ts';

export interface OtelcolOptions {
  /** Path of a YAML file, or the configuration itself. */
  readonly config: string | object;
  /** What `${env:…}` in the configuration finds. */
  readonly env?: Readonly<Record<string, string>>;
}

interface End {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

const READY = 'Everything is ready. Begin running and processing data.';

/** A collector that outlives an interrupted run is killed with this process. */
const running = new Set<ChildProcessByStdio<null, null, Readable>>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** The OpenTelemetry Collector as a process. */
export class Otelcol {
  readonly #child: ChildProcessByStdio<null, null, Readable>;
  readonly #conditions = new Conditions();
  readonly #ended: Promise<End>;
  #end: End | undefined;
  #log = '';

  constructor(path: string, env: Readonly<Record<string, string>>) {
    const child = spawn(inject('otelcol'), ['--config', path], {
      env: { ...env },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#child = child;
    running.add(child);
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#log += text;
      this.#conditions.changed();
    });
    this.#ended = new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, signal) => {
        running.delete(child);
        this.#end = { code, signal };
        this.#conditions.changed();
        resolve(this.#end);
      });
    });
  }

  /** What it has written to stderr. */
  get log(): string {
    return this.#log;
  }

  /** @throws an `Error` with its log when it ends before */
  async ready(): Promise<void> {
    await this.logged(READY);
  }

  /** Resolves once the text is in the log. @throws an `Error` with the log when it ends before */
  async logged(text: string): Promise<void> {
    await this.#conditions.until(
      () => {
        if (this.#log.includes(text)) return true;
        if (this.#end !== undefined)
          throw new Error(`the collector ended (${JSON.stringify(this.#end)})\n${this.#log}`);
        return false;
      },
      `"${text}" in the collector's log`,
      () => this.#log,
      { boundMillis: 60_000 },
    );
  }

  /** Ends it in order: what it has accepted is handed on or written. */
  async stop(): Promise<End> {
    this.#child.kill('SIGTERM');
    return this.#ended;
  }

  /** Ends it as a crash would. */
  async kill(): Promise<End> {
    this.#child.kill('SIGKILL');
    return this.#ended;
  }
}

/** Resolves when it listens. End it with `stop()` or `kill()`. */
export async function startOtelcol({ config, env = {} }: OtelcolOptions): Promise<Otelcol> {
  if (typeof config === 'string') return started(config, env);
  const folder = mkdtempSync(join(tmpdir(), 'swansong-otelcol-'));
  const path = join(folder, 'config.yaml');
  // JSON is YAML.
  writeFileSync(path, JSON.stringify(config));
  try {
    return await started(path, env);
  } finally {
    // It has been read by now.
    rmSync(folder, { recursive: true });
  }
}

async function started(path: string, env: Readonly<Record<string, string>>): Promise<Otelcol> {
  const otelcol = new Otelcol(path, env);
  try {
    await otelcol.ready();
  } catch (error) {
    await otelcol.kill();
    throw error;
  }
  return otelcol;
}

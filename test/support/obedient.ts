import { type Fixture, type FixtureOptions, startFixture } from './run-fixture.ts';

export interface ObedientReport {
  readonly ok: boolean;
  readonly timedOut: boolean;
  readonly durationMillis: number;
  readonly spans: {
    readonly delivered: number;
    readonly undelivered: number;
    readonly dropped: Readonly<Record<string, number>>;
  };
  readonly errors: readonly string[];
}

export interface ObedientStatus {
  readonly backend: string;
  readonly lastError?: string;
  readonly spans: {
    readonly accepted: number;
    readonly delivered: number;
    readonly waiting: number;
    readonly dropped: Readonly<Record<string, number>>;
  };
}

/** A preloaded program that does what a test tells it over stdin (test/fixtures/obey.mjs). */
export class Obedient {
  readonly fixture: Fixture;
  #answers = 0;

  constructor(options: Omit<FixtureOptions, 'program'>) {
    this.fixture = startFixture({ ...options, program: 'obey.mjs' });
  }

  async spans(count: number): Promise<void> {
    await this.#tell(`spans ${count}`);
  }

  async flush(timeoutMillis: number): Promise<ObedientReport> {
    return JSON.parse(await this.#tell(`flush ${timeoutMillis}`));
  }

  async shutdown(timeoutMillis: number): Promise<ObedientReport> {
    return JSON.parse(await this.#tell(`shutdown ${timeoutMillis}`));
  }

  async status(): Promise<ObedientStatus> {
    return JSON.parse(await this.#tell('status'));
  }

  /** Ends its input and waits for its end. */
  async end(): Promise<{
    readonly code: number | null;
    readonly signal: NodeJS.Signals | null;
    readonly stderr: string;
  }> {
    this.fixture.endInput();
    const { code, signal, stderr } = await this.fixture.result;
    return { code, signal, stderr };
  }

  async #tell(command: string): Promise<string> {
    this.fixture.write(`${command}\n`);
    this.#answers += 1;
    const prefix = `#${this.#answers} `;
    const line = await this.fixture.line(prefix);
    return line.slice(prefix.length);
  }
}

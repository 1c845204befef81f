import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { flattenMetrics } from './flatten-otlp.ts';
import type { ReceivedMetric } from './received-telemetry.ts';
import { type Fixture, type FixtureOptions, startFixture } from './run-fixture.ts';

/** A program that does what a test tells it over stdin (test/fixtures/self-metrics/obey.mjs). */
export class SelfMetricsProgram {
  readonly fixture: Fixture;
  #answers = 0;

  constructor(options: Omit<FixtureOptions, 'program'>) {
    this.fixture = startFixture({ ...options, program: 'self-metrics/obey.mjs' });
  }

  /** @returns the URL it serves metrics at */
  async start(options?: object): Promise<string> {
    const answer = await this.tell('start', ...(options === undefined ? [] : [JSON.stringify(options)]));
    return typeof answer === 'object' && answer !== null && 'url' in answer ? String(answer.url) : '';
  }

  async tell(...words: readonly (string | number)[]): Promise<unknown> {
    this.fixture.write(`${words.join(' ')}\n`);
    this.#answers += 1;
    const prefix = `#${this.#answers} `;
    const line = await this.fixture.line(prefix);
    return JSON.parse(line.slice(prefix.length));
  }

  /** Ends its input and waits for its end. */
  async end(): Promise<{ readonly code: number | null; readonly stderr: string }> {
    this.fixture.endInput();
    const { code, stderr } = await this.fixture.result;
    return { code, stderr };
  }
}

/** Every data point of a file of OTLP JSON lines and of those it was rotated into, oldest first. */
export function readMetricsFile(path: string): readonly ReceivedMetric[] {
  const stem = path.replace(/\.jsonl$/, '');
  const rotated = readdirSync(dirname(path))
    .map((name) => join(dirname(path), name))
    .filter((name) => name.startsWith(`${stem}-`))
    .toSorted();
  return [...rotated, path].flatMap((file) => {
    const text = readFileSync(file, 'utf8');
    if (text !== '' && !text.endsWith('\n')) throw new Error(`${file} ends within a line`);
    const lines = text.split('\n').slice(0, -1);
    return lines.flatMap((line, index) => flattenMetrics(JSON.parse(line), index));
  });
}

/** The value of one series in the text format of Prometheus; `undefined` where it is not there. */
export function sample(text: string, series: RegExp): number | undefined {
  const line = text.split('\n').find((candidate) => !candidate.startsWith('#') && series.test(candidate));
  return line === undefined ? undefined : Number(line.slice(line.lastIndexOf(' ') + 1));
}

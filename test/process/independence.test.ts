import { execFileSync } from 'node:child_process';
import { createReadStream, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { signals } from '../../src/collector/signals.ts';
import { type Fixture, startFixture } from '../support/run-fixture.ts';
import { readMetricsFile, sample } from '../support/self-metrics-program.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { waitFor } from '../support/wait-for.ts';
import { whenTestEnds } from '../support/when-test-ends.ts';

const program = fileURLToPath(new URL('../../src/cli.ts', import.meta.url));
const NAMES = signals.map(({ name }) => name);
const KIB = 1024;
/** More than a pipe holds: a write of it does not return. */
const BLOCKING_BYTES = 100 * KIB;
const BODY_BYTES = 512 * KIB;
const OFFERED = 40;
/** So many fit into the 16 MiB that may wait for a file, beside the one that blocks it. */
const FITTING = 31;

interface Blocked {
  readonly fixture: Fixture;
  readonly url: string;
  readonly figures: string;
  readonly directory: string;
  readonly selfFile: string;
  /** What the requests that block the files were answered. */
  readonly blocking: readonly Promise<Answered>[];
}

interface Answered {
  readonly status: number | 'none';
  readonly retryAfter?: string | null;
}

async function post(url: string, signal: string, bytes: number): Promise<Answered> {
  const list = { traces: 'resourceSpans', metrics: 'resourceMetrics', logs: 'resourceLogs' }[signal] ?? '';
  const body = JSON.stringify({ [list]: [{ schemaUrl: 'x'.repeat(bytes) }] });
  const headers = { 'content-type': 'application/json' };
  try {
    const response = await fetch(`${url}/v1/${signal}`, { method: 'POST', headers, body });
    await response.arrayBuffer();
    return { status: response.status, retryAfter: response.headers.get('retry-after') };
  } catch {
    return { status: 'none' };
  }
}

async function get(url: string): Promise<string> {
  return (await fetch(url)).text();
}

const waiting = (text: string, signal: string): number | undefined =>
  sample(text, new RegExp(`^collector_storage_waiting\\S*\\{.*signal="${signal}"`));

/** A collector each of whose files is a pipe that nobody reads, with a write to each that does not return. */
async function startBlocked(): Promise<Blocked> {
  const directory = await temporaryFolder();
  for (const { file } of signals) execFileSync('mkfifo', [join(directory, file)]);
  const selfFile = join(directory, 'self.jsonl');
  const storage = ['--port', '0', '--dir', directory, '--fsync', 'never'];
  const self = ['--self-metrics-http', '0', '--self-metrics-file', selfFile, '--self-metrics-interval', '100ms'];
  const fixture = startFixture({ program, preload: 'none', args: ['collector', ...storage, ...self] });
  const url = (await fixture.line('listening on')).replace(/^.* /, '');
  const figures = (await fixture.line('self-metrics at')).replace(/^.* /, '');
  const blocking = NAMES.map((name) => post(url, name, BLOCKING_BYTES));
  await expect
    .poll(
      async () => {
        const text = await get(figures);
        return NAMES.map((name) => Number(waiting(text, name)) > BLOCKING_BYTES);
      },
      { timeout: 10_000 },
    )
    .toEqual([true, true, true]);
  return { fixture, url, figures, directory, selfFile, blocking };
}

describe('every file of the collector hangs', () => {
  test('/metrics and its file go on telling, what is too much is refused, and nothing is lost when it goes on', async () => {
    const { fixture, url, figures, directory, selfFile, blocking } = await startBlocked();
    let refused = 0;
    const offered = Array.from({ length: OFFERED }, async () => {
      const answered = await post(url, 'traces', BODY_BYTES);
      if (answered.status !== 200) refused += 1;
      return answered;
    });
    await waitFor(() => refused === OFFERED - FITTING, `${OFFERED - FITTING} requests that are refused`);

    const scrapes: unknown[] = [];
    for (let scrape = 0; scrape < 20; scrape += 1) {
      const text = await get(figures);
      const refusals = sample(
        text,
        /^collector_requests_refused\S*\{.*status_code="429".*signal="traces"|signal="traces".*status_code="429"/,
      );
      scrapes.push([Number(waiting(text, 'traces')) > FITTING * BODY_BYTES, refusals]);
    }
    expect(scrapes).toEqual(scrapes.map(() => [true, OFFERED - FITTING]));
    // The fourth thread is left for it, and for whatever else needs one.
    const { size } = statSync(selfFile);
    await waitFor(() => statSync(selfFile).size > size, 'another line in the file of the self-metrics');
    const last = readMetricsFile(selfFile).findLast(({ name }) => name === 'collector.requests.refused');
    expect(last).toMatchObject({ value: OFFERED - FITTING });
    expect(await get(`${url}/healthz`)).toMatch(/^(ok|.*traces\.jsonl: a write takes longer than \d+ s)\n/);

    for (const { file } of signals) {
      const reader = createReadStream(join(directory, file)).resume();
      whenTestEnds(() => void reader.destroy());
    }
    const stored = { status: 200, retryAfter: null };
    const later = { status: 429, retryAfter: '1' };
    expect(await Promise.all(blocking)).toEqual([stored, stored, stored]);
    const answers = (await Promise.all(offered)).toSorted((one, other) => Number(one.status) - Number(other.status));
    expect(answers).toEqual(Array.from(answers, (_, index) => (index < FITTING ? stored : later)));
    await expect.poll(async () => waiting(await get(figures), 'traces'), { timeout: 10_000 }).toBe(0);
    fixture.kill('SIGTERM');
    expect(await fixture.result).toMatchObject({ code: 0, signal: null, stderr: '' });
  });

  test('SIGTERM ends it within its deadline: nothing but a signal ends a process one of whose writes does not return', async () => {
    const { fixture, blocking } = await startBlocked();
    fixture.kill('SIGTERM');
    const { code, signal, stdout, stderr } = await fixture.result;
    // Not acknowledged: their clients send again.
    expect(await Promise.all(blocking)).toEqual(NAMES.map(() => ({ status: 'none' })));
    expect({ code, signal, stderr, summary: stdout.split('\n').at(-2) }).toEqual({
      code: null,
      signal: 'SIGKILL',
      stderr: [
        'swansong collector: servers[0]: 3 connections destroyed at the deadline, 3 requests cut',
        'swansong collector: close[0]: not everything could be written',
        'swansong collector: a write has not returned; ending with SIGKILL',
        '',
      ].join('\n'),
      summary: 'accepted 0 requests: 0 spans, 0 data points, 0 log records; refused 3 requests',
    });
  });
});

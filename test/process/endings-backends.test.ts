import { describe, expect, it } from 'vitest';
import { startBackend } from '../support/backend.ts';
import { ENDING_BACKENDS, startEndingBackend } from '../support/endings-backends.ts';
import { type FixtureResult, runFixture, startFixture } from '../support/run-fixture.ts';
import type { OnTestFinished } from '../support/when-test-ends.ts';

/** Milliseconds beyond SWANSONG_EXIT_TIMEOUT after which the process must have ended. */
const MARGIN = 300;
/** How many starts of the bare program it may take beyond that: the measure of how busy the machine is. */
const STARTS = 3;
/** Of these one may do; a hang is there every time, a busy machine is not. */
const ATTEMPTS = 3;
/** Milliseconds. The process waits for the small one to pass; it must not wait for the large one where there is nothing to wait for. */
const SMALL = 250;
const LARGE = 10_000;
const EXITED = 'swansong.process.exited';
const LOSS = /^swansong: lost at the end of the process: .*\n/gm;

interface Timed extends FixtureResult {
  readonly millis: number;
}

interface Run {
  readonly program: string;
  /** `undefined`: without swansong. */
  readonly env: Readonly<Record<string, string>> | undefined;
  readonly onTestFinished: OnTestFinished;
}

async function run({ program, env, onTestFinished }: Run): Promise<Timed> {
  const startedAt = performance.now();
  const result = await runFixture({
    program: `endings/${program}`,
    preload: env === undefined ? 'none' : 'import',
    env: env ?? {},
    onTestFinished,
  });
  return { ...result, millis: performance.now() - startedAt };
}

/** What a run without swansong and one with it have in common, if all is well; and how many lines it wrote of losses. */
function outcome({ code, signal, stdout, stderr }: FixtureResult): FixtureResult & { readonly losses: number } {
  const losses = stderr.match(LOSS)?.length ?? 0;
  return { code, signal, stdout, stderr: stderr.replace(LOSS, ''), losses };
}

/** Looks again, and once more, before it is believed that the end took too long. */
async function attempts(measure: () => Promise<boolean>): Promise<boolean> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    if (await measure()) return true;
  }
  return false;
}

const PROGRAMS = [
  'throw-in-timer.mjs',
  'throw-with-2048-spans.mjs',
  'trace-in-exit-listener-of-crash.mjs',
  'exit-at-once.mjs',
] as const;

describe.concurrent.each(ENDING_BACKENDS)('a backend that $name', (endingBackend) => {
  it.for(PROGRAMS)('%s', async (program, { onTestFinished }) => {
    const { url, backend } = await startEndingBackend(endingBackend, onTestFinished);
    const waits = endingBackend.outcome === 'lost in the end';
    const budget = waits ? SMALL : LARGE;
    const env = {
      ...endingBackend.env,
      OTEL_EXPORTER_OTLP_ENDPOINT: url,
      SWANSONG_EXIT_TIMEOUT: String(budget),
      // A port that one test has left is soon another's: what arrives must be of this program.
      OTEL_SERVICE_NAME: `${program}: ${endingBackend.name}`,
    };
    const inTime = await attempts(async () => {
      const [bare, hurried, preloaded] = await Promise.all([
        run({ program, env: undefined, onTestFinished }),
        // The same work without the waiting: what 2048 spans cost is not what is measured here.
        waits ? run({ program, env: { ...env, SWANSONG_EXIT_TIMEOUT: '0' }, onTestFinished }) : undefined,
        run({ program, env, onTestFinished }),
      ]);
      const losses = endingBackend.outcome === 'delivered' ? 0 : 1;
      expect(outcome(preloaded)).toEqual({ ...outcome(bare), losses });
      if (hurried === undefined) return preloaded.millis - bare.millis < budget;
      return preloaded.millis - hurried.millis <= budget + MARGIN + STARTS * bare.millis;
    });
    expect(inTime, 'ends within the budget').toBe(true);
    const records = backend?.acknowledgedLogRecords() ?? [];
    const exits = records.filter(
      ({ eventName, resource }) => eventName === EXITED && resource['service.name'] === env.OTEL_SERVICE_NAME,
    );
    expect(exits.length > 0).toBe(endingBackend.outcome === 'delivered');
  });
});

describe.concurrent('SWANSONG_EXIT_TIMEOUT', () => {
  it('limits how long a process waits for a backend that never answers', async ({ onTestFinished }) => {
    const backend = await startBackend({ kind: 'mute' }, { onTestFinished });
    const ends: string[] = [];
    await Promise.all(
      ['2500', '100', '1200'].map(async (budget) => {
        const env = { OTEL_EXPORTER_OTLP_ENDPOINT: backend.url, SWANSONG_EXIT_TIMEOUT: budget };
        await run({ program: 'throw-in-timer.mjs', env, onTestFinished });
        ends.push(budget);
      }),
    );
    expect(ends).toEqual(['100', '1200', '2500']);
  });
});

describe.concurrent('the end of a process', () => {
  it('does not wait for the backend when there is nothing to deliver', async ({ onTestFinished }) => {
    const backend = await startBackend({ kind: 'mute' }, { onTestFinished });
    const program = 'exit-without-telemetry.mjs';
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: backend.url, SWANSONG_EXIT_TIMEOUT: String(LARGE) };
    const bare = await run({ program, env: undefined, onTestFinished });
    const silent = await run({ program, env, onTestFinished });
    expect(outcome(silent)).toEqual({ ...outcome(bare), losses: 0 });
    expect(backend.requests).toEqual([]);
    expect(silent.millis).toBeLessThan(LARGE);
  });

  it('delivers nothing with SWANSONG_EXIT_TIMEOUT=0, and reports that', async ({ onTestFinished }) => {
    const backend = await startBackend({ kind: 'ok' }, { onTestFinished });
    const program = 'throw-in-timer.mjs';
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: backend.url, SWANSONG_EXIT_TIMEOUT: '0' };
    const bare = await run({ program, env: undefined, onTestFinished });
    const off = await run({ program, env, onTestFinished });
    expect(outcome(off)).toEqual({ ...outcome(bare), losses: 1 });
    expect(off.stderr.match(LOSS)).toEqual([
      'swansong: lost at the end of the process: 4 spans (SWANSONG_EXIT_TIMEOUT is 0), 3 log records (SWANSONG_EXIT_TIMEOUT is 0)\n',
    ]);
    expect(backend.requests).toEqual([]);
  });

  it('is no longer than the backend needs', async ({ onTestFinished }) => {
    const backend = await startBackend({ kind: 'ok' }, { onTestFinished });
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: backend.url, SWANSONG_EXIT_TIMEOUT: String(LARGE) };
    const { millis } = await run({ program: 'throw-in-timer.mjs', env, onTestFinished });
    expect(millis).toBeLessThan(LARGE);
  });

  it('is not triggered by an error that the application survives: a server continues at once', async ({
    onTestFinished,
  }) => {
    const backend = await startBackend({ kind: 'mute' }, { onTestFinished });
    const program = 'survive-and-serve.mjs';
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: backend.url, SWANSONG_EXIT_TIMEOUT: '3000' };
    const bare = await run({ program, env: undefined, onTestFinished });
    const serving = await run({ program, env, onTestFinished });
    expect(outcome(serving)).toEqual({ ...outcome(bare), losses: 1 });
    expect(serving.stdout).toBe('the handler failed\nanswered: 5, stalled: false\n');
  });

  it('reports lost telemetry in one line if no thread may be started (the permission model)', async ({
    onTestFinished,
  }) => {
    const backend = await startBackend({ kind: 'ok' }, { onTestFinished });
    const options = {
      program: 'endings/throw-in-timer.mjs',
      nodeArguments: ['--permission', '--allow-fs-read=*'],
      onTestFinished,
    };
    const bare = await runFixture({ ...options, preload: 'none' });
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: backend.url };
    const { stderr, ...preloaded } = await runFixture({ ...options, env });
    const [line = '', ...others] = stderr.split('\n');
    expect({ ...preloaded, stderr: others.join('\n') }).toEqual(bare);
    expect(line).toMatch(/^swansong: .*Access to this API has been restricted\./);
  });

  it('sends the batches in flight again', async ({ onTestFinished }) => {
    const backend = await startBackend({ kind: 'hold' }, { onTestFinished });
    const fixture = startFixture({
      program: 'endings/throw-when-told.mjs',
      env: {
        OTEL_EXPORTER_OTLP_ENDPOINT: backend.url,
        OTEL_BSP_SCHEDULE_DELAY: '0',
        SWANSONG_EXIT_TIMEOUT: String(LARGE),
      },
      onTestFinished,
    });
    const copies = (): number => backend.spans().filter(({ name }) => name === 'finished').length;
    await backend.waitFor(() => copies() === 1, 'an export in flight');
    fixture.write('fail\n');
    fixture.endInput();
    await backend.waitFor(() => copies() === 2, 'the same span again');
    backend.behave({ kind: 'ok' });
    backend.release();
    const { code, stderr } = await fixture.result;
    expect({ code, losses: stderr.match(LOSS) }).toEqual({ code: 1, losses: null });
    expect(backend.acknowledgedSpans().map(({ name }) => name)).toContain('finished');
  });
});

import { describe, expect, it } from 'vitest';
import { type Backend, startBackend } from '../support/backend.ts';
import type { Behaviour } from '../support/behaviour.ts';
import { runShutDown, type ShutDownRun } from '../support/shut-down-fixture.ts';

const SPANS = 100;
const RECORDS = 40;
const TIMEOUT_MILLIS = 500;
/**
 * A backend that hangs would take the ten seconds of OTEL_EXPORTER_OTLP_TIMEOUT. How exactly the deadline is kept is measured
 * by `npm run bench -- shutdown`: here it would only measure the machine.
 */
const NO_DEADLINE_MILLIS = 5000;

const ENV = {
  OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '5',
  OTEL_BLRP_MAX_EXPORT_BATCH_SIZE: '5',
  // Nothing is delivered after the report: what the backend counts when the process has ended is what it had then.
  SWANSONG_EXIT_TIMEOUT: '0',
};

interface Case {
  readonly title: string;
  readonly behaviour: Behaviour | 'refuses';
  readonly env?: Readonly<Record<string, string>>;
  /** While `shutdown()` is under way. */
  readonly meanwhile?: (backend: Backend) => Promise<void>;
  readonly ok: boolean;
  readonly timedOut: boolean;
  readonly spans: object;
  /** Spans for which the queue had no room before the call; default 0. */
  readonly lostBefore?: number;
  /** Matches what is on stderr. */
  readonly stderr: RegExp;
}

const LOST = 'swansong: lost at the end of the process: .*';
const CANNOT = 'swansong: cannot deliver telemetry to .*; keeping it and trying again\n';
const NOTHING_DELIVERED = { delivered: 0, undelivered: SPANS, dropped: {} };

const CASES: readonly Case[] = [
  {
    title: 'answers',
    behaviour: { kind: 'ok' },
    ok: true,
    timedOut: false,
    spans: { delivered: SPANS, undelivered: 0, dropped: {} },
    stderr: /^$/,
  },
  {
    title: 'refuses connections',
    behaviour: 'refuses',
    ok: false,
    timedOut: true,
    spans: NOTHING_DELIVERED,
    stderr: new RegExp(`^${CANNOT}${LOST}\n$`),
  },
  {
    title: 'hangs',
    behaviour: { kind: 'mute' },
    ok: false,
    timedOut: true,
    spans: NOTHING_DELIVERED,
    stderr: new RegExp(`^${LOST}\n$`),
  },
  {
    title: 'answers 503',
    behaviour: { kind: 'status', status: 503 },
    ok: false,
    timedOut: true,
    spans: NOTHING_DELIVERED,
    stderr: new RegExp(`^${CANNOT}${LOST}\n$`),
  },
  {
    title: 'answers 503 at first',
    behaviour: { kind: 'status', status: 503, times: 1 },
    ok: true,
    timedOut: false,
    spans: { delivered: SPANS, undelivered: 0, dropped: {} },
    stderr: new RegExp(`^${CANNOT}swansong: delivering telemetry to .* again, after .*\n$`),
  },
  {
    title: 'is slow: the first requests are answered before the deadline, the others are not',
    behaviour: { kind: 'hold' },
    async meanwhile(backend) {
      // Ten of the twenty batches of spans: that many may be under way at once.
      await backend.waitFor(() => tracesHeld(backend) === 10, 'ten requests under way');
      backend.release();
    },
    ok: false,
    timedOut: true,
    spans: { delivered: SPANS / 2, undelivered: SPANS / 2, dropped: {} },
    stderr: new RegExp(`^${LOST}\n$`),
  },
  {
    title: 'refuses for good',
    behaviour: { kind: 'status', status: 400 },
    ok: false,
    timedOut: false,
    spans: { delivered: 0, undelivered: 0, dropped: { refused: SPANS } },
    stderr: new RegExp(`^(?:swansong: losing .*\n){3}${LOST}\n$`),
  },
  {
    title: 'refuses a part',
    behaviour: { kind: 'partial', rejected: 2, message: 'no name' },
    ok: false,
    timedOut: false,
    spans: { delivered: (SPANS * 3) / 5, undelivered: 0, dropped: { rejected: (SPANS * 2) / 5 } },
    stderr: new RegExp(`^(?:swansong: (?:losing|the backend warns) .*\n){3}${LOST}\n$`),
  },
  {
    title: 'hangs, and the queue is too short',
    behaviour: { kind: 'mute' },
    env: { OTEL_BSP_MAX_QUEUE_SIZE: '20' },
    ok: false,
    timedOut: true,
    spans: { delivered: 0, undelivered: 20, dropped: {} },
    lostBefore: SPANS - 20,
    stderr: new RegExp(`^swansong: losing spans .*\n${LOST}\n$`),
  },
];

function tracesHeld(backend: Backend): number {
  return backend.requests.filter(({ signal }) => signal === 'traces').length;
}

/** Items that the backend acknowledged, each once; metrics are counted in collections. */
function acknowledged(backend: Backend): ShutDownRun['accepted'] {
  const ids = backend.acknowledgedSpans().map(({ spanId }) => spanId);
  expect(new Set(ids).size).toBe(ids.length);
  const collections = backend.requests.filter(({ signal, answered }) => signal === 'metrics' && answered === 200);
  return { spans: ids.length, logs: backend.acknowledgedLogRecords().length, metrics: collections.length };
}

describe(`shutdown({ timeoutMillis: ${TIMEOUT_MILLIS} }): the report's numbers equal the backend's, and the process ends by itself`, () => {
  it.each(CASES)(
    'a backend that $title',
    async ({ behaviour, env, meanwhile, ok, timedOut, spans, lostBefore = 0, stderr }) => {
      const backend = await startBackend(behaviour === 'refuses' ? { kind: 'ok' } : behaviour);
      if (behaviour === 'refuses') await backend.stop();
      const [run] = await Promise.all([
        runShutDown(
          { spans: SPANS, records: RECORDS, timeoutMillis: TIMEOUT_MILLIS },
          { env: { ...ENV, ...env, OTEL_EXPORTER_OTLP_ENDPOINT: backend.url } },
        ),
        meanwhile?.(backend),
      ]);
      const { report, accepted, lostBefore: lostBeforeCall } = run;
      expect({ ...run, report: { ok: report.ok, timedOut: report.timedOut, spans: report.spans } }).toEqual({
        code: 0,
        signal: null,
        stderr: expect.stringMatching(stderr),
        report: { ok, timedOut, spans },
        accepted: { spans: SPANS, logs: expect.any(Number), metrics: expect.any(Number) },
        lostBefore: { spans: lostBefore, logs: 0, metrics: 0 },
        resources: expect.any(Array),
        heldLong: false,
      });
      // swansong's own records, of the start and the end of the process, come on top.
      expect(accepted.logs).toBeGreaterThanOrEqual(RECORDS);
      const counted = acknowledged(backend);
      for (const signal of ['spans', 'logs', 'metrics'] as const) {
        const { delivered, undelivered, dropped } = report[signal];
        const lost = Object.values(dropped).reduce((sum, count) => sum + count, 0);
        expect([signal, delivered]).toEqual([signal, counted[signal]]);
        expect([signal, delivered + undelivered + lost + lostBeforeCall[signal]]).toEqual([signal, accepted[signal]]);
      }
      expect(report.durationMillis).toBeLessThan(NO_DEADLINE_MILLIS);
    },
  );
});

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { classifyResponse } from '../../../src/otlp/classify-response.ts';
import { ExitDelivery, type ExitDeliveryOptions } from '../../../src/exit/exit-delivery.ts';
import type { ExitAnswer } from '../../../src/exit/exit-request.ts';
import type { FinalBatch, FinalDelivery, FinalExport } from '../../../src/exit/final-export.ts';
import { LossReport } from '../../../src/exit/loss-report.ts';
import { processMillis } from '../../../src/clock/clock.ts';
import type { DeliveryResult } from '../../../src/outbox/delivery.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { ANSWERS, httpRequest, IS_MUTE, workerProgram } from './worker-programs.ts';

/** Longer than a test may take: one that waits for this long fails. */
const ENDLESS_MILLIS = 600_000;
const SHORT_MILLIS = 300;
/** Of which a thread that starts leaves something on a busy machine, too. */
const BUDGET_MILLIS = 2000;
const DELIVERED: DeliveryResult = { status: 'delivered', rejected: 0, message: '' };

function classify(answer: ExitAnswer): DeliveryResult {
  if (answer.status !== 'answered') return { status: 'failed', error: new Error(answer.message), retryAfterMillis: 0 };
  return classifyResponse(answer.code, { contentType: answer.contentType, retryAfter: undefined }, answer.body, {
    contentType: '',
    noun: 'spans',
    serialize: () => new Uint8Array(),
    partialSuccess: () => ({ rejected: 0, message: '' }),
  });
}

const request = (url: string): FinalDelivery => ({ kind: 'request', request: httpRequest(url), classify });
const sync = (deliver: (deadline: number) => DeliveryResult): FinalDelivery => ({ kind: 'sync', deliver });

/** One export that has these batches, once. */
function exportOf(noun: string, batches: readonly FinalBatch[], maxInFlight = 10): FinalExport {
  const left = [...batches];
  return { noun, maxInFlight, takeBatches: () => left.splice(0) };
}

function setUp(options: Partial<ExitDeliveryOptions> & Pick<ExitDeliveryOptions, 'exports'>) {
  const lines: string[] = [];
  const delivery = new ExitDelivery({
    program: ANSWERS,
    env: {},
    timeoutMillis: ENDLESS_MILLIS,
    beforeDelivery: () => {},
    losses: new LossReport(),
    onLoss: (line) => lines.push(line),
    ...options,
  });
  return {
    deliver: () => delivery.deliver(0),
    /** What was lost, by the one line about it; undefined if there was none. */
    lost: () => {
      delivery.reportLosses();
      expect(lines.length).toBeLessThan(2);
      return lines.pop()?.replace('lost at the end of the process: ', '');
    },
  };
}

/** A program that answers `afterMillis` after it was asked; and how this thread waits for the first answer to be there. */
async function answerSignal(afterMillis = 0) {
  const file = join(await temporaryFolder(), 'answered');
  const state = new Int32Array(new SharedArrayBuffer(4));
  return {
    program: workerProgram(
      `setTimeout(() => { answer(work); require('node:fs').writeFileSync(${JSON.stringify(file)}, '') }, ${afterMillis})`,
    ),
    waitForAnswer() {
      while (!existsSync(file)) Atomics.wait(state, 0, 0, 5);
    },
  };
}

function spin(millis: number): void {
  const end = processMillis() + millis;
  while (processMillis() < end);
}

describe('ExitDelivery: the budget', () => {
  it('covers packing: what there is no time left for is not packed, and lost with that reason', () => {
    const packed: string[] = [];
    const slow = (name: string): FinalBatch => ({
      items: 2,
      prepare() {
        packed.push(name);
        spin(SHORT_MILLIS);
        return request(name);
      },
    });
    const { deliver, lost } = setUp({
      timeoutMillis: SHORT_MILLIS,
      exports: [exportOf('spans', [slow('first'), slow('second'), slow('third')])],
    });
    deliver();
    expect(packed).toEqual(['first']);
    expect(lost()).toContain('4 spans (not sent in time)');
  });

  it('covers the ending of live spans', () => {
    const { deliver, lost } = setUp({
      timeoutMillis: SHORT_MILLIS,
      beforeDelivery: () => spin(SHORT_MILLIS),
      exports: [exportOf('spans', [{ items: 1, prepare: () => request('a') }])],
    });
    deliver();
    expect(lost()).toBe('1 span (not sent in time)');
  });

  it('is one for all calls, and none for the time in between', () => {
    const waiting: FinalBatch[] = [];
    const { deliver, lost } = setUp({
      program: workerProgram('if (work.request.url !== "mute") answer(work)'),
      timeoutMillis: BUDGET_MILLIS,
      exports: [{ noun: 'spans', maxInFlight: 10, takeBatches: () => waiting.splice(0) }],
    });
    waiting.push({ items: 1, prepare: () => request('a') });
    deliver();
    spin(BUDGET_MILLIS);
    waiting.push({ items: 2, prepare: () => request('b') });
    deliver();
    expect(lost()).toBeUndefined();
    waiting.push({ items: 4, prepare: () => request('mute') });
    deliver();
    waiting.push({ items: 8, prepare: () => request('c') });
    deliver();
    expect(lost()).toBe('8 spans (not sent in time), 4 spans (no answer in time)');
  });

  it('is told to what delivers in this thread, which comes after the requests are on their way', async () => {
    const order: string[] = [];
    const signal = await answerSignal();
    let given = 0;
    const before = processMillis();
    const { deliver, lost } = setUp({
      program: signal.program,
      timeoutMillis: SHORT_MILLIS,
      exports: [
        exportOf('log records', [
          {
            items: 1,
            prepare: () =>
              sync((deadline) => {
                order.push('written');
                given = deadline;
                spin(SHORT_MILLIS);
                signal.waitForAnswer();
                return DELIVERED;
              }),
          },
          { items: 1, prepare: () => sync(() => DELIVERED) },
        ]),
        exportOf('spans', [
          {
            items: 1,
            prepare() {
              order.push('packed');
              return request('a');
            },
          },
        ]),
      ],
    });
    deliver();
    expect(order).toEqual(['packed', 'written']);
    expect(given).toBeGreaterThanOrEqual(before + SHORT_MILLIS);
    expect(given).toBeLessThanOrEqual(processMillis());
    // The answer of the request came while the line was written.
    expect(lost()).toBe('1 log record (not sent in time)');
  });

  it('of 0 delivers nothing, and prepares nothing', () => {
    const { deliver, lost } = setUp({
      timeoutMillis: 0,
      exports: [
        exportOf('spans', [
          {
            items: 3,
            prepare: () => {
              throw new Error('prepared');
            },
          },
        ]),
      ],
    });
    deliver();
    expect(lost()).toBe('3 spans (SWANSONG_EXIT_TIMEOUT is 0)');
  });
});

describe('ExitDelivery: answers', () => {
  it('belong to their requests, in whatever order they come', () => {
    const { deliver, lost } = setUp({
      program: workerProgram(
        'all.push(work); if (all.length === 3) for (const one of all.reverse()) answer(one, Number(one.request.url))',
        'const all = []',
      ),
      exports: [
        exportOf('spans', [
          { items: 1, prepare: () => request('200') },
          { items: 10, prepare: () => request('400') },
        ]),
        exportOf('log records', [{ items: 100, prepare: () => request('401') }]),
      ],
    });
    deliver();
    expect(lost()).toBe('100 log records (HTTP 401 (401)), 10 spans (HTTP 400 (400))');
  });

  it('that come after their call count for their requests, not for those of the next call', async () => {
    const signal = await answerSignal(SHORT_MILLIS * 2);
    const waiting: FinalBatch[] = [{ items: 1, prepare: () => request('a') }];
    const { deliver, lost } = setUp({
      program: signal.program,
      timeoutMillis: SHORT_MILLIS,
      exports: [{ noun: 'spans', maxInFlight: 10, takeBatches: () => waiting.splice(0) }],
    });
    deliver();
    signal.waitForAnswer();
    waiting.push({ items: 2, prepare: () => request('b') });
    deliver();
    expect(lost()).toBe('2 spans (not sent in time)');
  });

  it('of a worker that has ended never come: all is lost at once, also that of the next call', () => {
    const waiting: FinalBatch[] = [{ items: 1, prepare: () => request('a') }];
    const { deliver, lost } = setUp({
      program: workerProgram('process.exit(0)'),
      exports: [{ noun: 'spans', maxInFlight: 10, takeBatches: () => waiting.splice(0) }],
    });
    deliver();
    waiting.push({ items: 2, prepare: () => request('b') });
    deliver();
    expect(lost()).toBe('3 spans (the thread that sends it has ended)');
  });
});

describe('ExitDelivery: order', () => {
  const ORDER = workerProgram(
    'all.push(work.lane + work.request.url + work.maxInFlight); answer({ id: work.id, request: { url: all.join(" ") } }, 400)',
    'const all = []',
  );

  it('takes one batch of each signal in turn, the oldest first, each signal in a lane of its own', () => {
    const batch = (url: string): FinalBatch => ({ items: 1, prepare: () => request(url) });
    const { deliver, lost } = setUp({
      program: ORDER,
      exports: [
        exportOf('spans', [batch('a'), batch('b'), batch('c')]),
        exportOf('log records', []),
        exportOf('collections of metrics', [batch('x'), batch('y')], 1),
      ],
    });
    deliver();
    expect(lost()).toContain('(HTTP 400 (0a10 2x1 0b10 2y1 0c10))');
  });

  it('sends what is packed while the next is packed', async () => {
    const signal = await answerSignal();
    const { deliver, lost } = setUp({
      program: signal.program,
      exports: [
        exportOf('spans', [
          { items: 1, prepare: () => request('a') },
          {
            items: 1,
            prepare() {
              signal.waitForAnswer();
              return request('b');
            },
          },
        ]),
      ],
    });
    deliver();
    expect(lost()).toBeUndefined();
  });
});

describe('ExitDelivery: losses', () => {
  it('are those of one batch, if its serializer, its delivery or the reading of its answer throws', () => {
    const fail = (message: string) => (): never => {
      throw new Error(message);
    };
    const { deliver, lost } = setUp({
      exports: [
        exportOf('spans', [
          { items: 1, prepare: fail('no bytes') },
          { items: 2, prepare: () => sync(fail('no disk')) },
          { items: 4, prepare: () => ({ kind: 'request', request: httpRequest('a'), classify: fail('no sense') }) },
          { items: 8, prepare: () => request('b') },
          { items: 16, prepare: () => sync(() => DELIVERED) },
        ]),
      ],
    });
    deliver();
    expect(lost()).toBe('1 span (no bytes), 2 spans (no disk), 4 spans (no sense)');
  });

  it('are counted as the results say', () => {
    const result = (items: number, outcome: DeliveryResult): FinalBatch => ({
      items,
      prepare: () => sync(() => outcome),
    });
    const error = new Error('why');
    const { deliver, lost } = setUp({
      exports: [
        exportOf('spans', [
          result(10, { status: 'delivered', rejected: 3, message: 'nameless' }),
          result(10, { status: 'delivered', rejected: 1, message: 'too old' }),
          result(20, { status: 'refused', error }),
          result(40, { status: 'invalid', error }),
          result(80, { ...DELIVERED, invalid: { items: 5, size: 5, message: 'circular' } }),
          result(160, {
            status: 'failed',
            error,
            retryAfterMillis: 0,
            invalid: { items: 60, size: 60, message: 'deep' },
          }),
        ]),
        exportOf('collections of metrics', [
          result(1, { ...DELIVERED, invalid: { items: 0, size: 7, message: 'NaN' } }),
        ]),
      ],
    });
    deliver();
    expect(lost()?.split(', ').toSorted()).toEqual(
      [
        '1 span (rejected: too old)',
        '120 spans (why)',
        '3 spans (rejected: nameless)',
        '40 spans (invalid: why)',
        '5 spans (invalid: circular)',
        '60 spans (invalid: deep)',
        '7 data points (invalid: NaN)',
      ].toSorted(),
    );
  });

  it('are not all when what comes before the delivery throws: the rest is delivered', () => {
    const { deliver, lost } = setUp({
      beforeDelivery: () => {
        throw new Error("somebody's span processor");
      },
      exports: [exportOf('spans', [{ items: 1, prepare: () => request('a') }])],
    });
    deliver();
    expect(lost()).toBe("1 attempt to deliver (somebody's span processor)");
  });

  it('are told once, and not at all if there are none', () => {
    const { deliver, lost } = setUp({
      program: IS_MUTE,
      timeoutMillis: SHORT_MILLIS,
      exports: [exportOf('spans', [{ items: 1, prepare: () => request('a') }])],
    });
    deliver();
    expect([lost(), lost()]).toEqual(['1 span (no answer in time)', undefined]);
  });
});

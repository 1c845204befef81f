import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { expect, it } from 'vitest';
import { Deadline } from '../../../src/deadline/deadline.ts';
import type { Deliver, DeliveryResult } from '../../../src/outbox/delivery.ts';
import { CollectionExporter } from '../../../src/self-metrics/collection-exporter.ts';
import type { ResourceMetrics } from '@opentelemetry/sdk-metrics';

const DOWN: DeliveryResult = { status: 'failed', error: new Error('connect ECONNREFUSED'), retryAfterMillis: 0 };

function setUp(deliver: Deliver<ResourceMetrics>) {
  const lines: string[] = [];
  const exporter = new CollectionExporter({
    name: 'there',
    intervalMillis: 1e8,
    attemptTimeoutMillis: 1e8,
    deliver,
    report: (line) => lines.push(line),
  });
  new MeterProvider({ readers: [exporter.reader] }).getMeter('test').createCounter('count').add(1);
  const collect = (): Promise<unknown> => exporter.reader.flush(Deadline.after(20));
  return { exporter, lines, collect };
}

it('keeps 16 collections that cannot be delivered, the latest', async () => {
  const { exporter, collect } = setUp(() => Promise.resolve(DOWN));
  for (let collection = 0; collection < 18; collection += 1) await collect();
  await exporter.finish(Deadline.after(0));
  const { waiting, dropped } = exporter.counts();
  expect([waiting, (dropped.queue_full ?? 0) > 0]).toEqual([16, true]);
  expect(exporter.takeOut()).toHaveLength(16);
});

it('delivers one collection at a time, in their order', async () => {
  let running = 0;
  let most = 0;
  const { exporter, collect } = setUp(async () => {
    most = Math.max(most, (running += 1));
    await new Promise((resolve) => setTimeout(resolve, 5));
    running -= 1;
    return { status: 'delivered', rejected: 0, message: '' };
  });
  await Promise.all([collect(), collect(), collect()]);
  await exporter.finish(Deadline.after(10_000));
  expect([most, exporter.counts().waiting]).toEqual([1, 0]);
});

it('says when it fails, and when it has recovered', async () => {
  let answer: DeliveryResult = DOWN;
  const { exporter, lines, collect } = setUp(() => Promise.resolve(answer));
  await collect();
  answer = { status: 'delivered', rejected: 0, message: '' };
  await exporter.finish(Deadline.after(10_000));
  expect(lines).toEqual([
    'cannot deliver telemetry to there: connect ECONNREFUSED; keeping it and trying again',
    expect.stringMatching(/^delivering telemetry to there again, after \d+\.\d s$/),
  ]);
  expect(exporter.lastError?.message).toBe('connect ECONNREFUSED');
});

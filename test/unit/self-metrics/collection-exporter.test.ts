import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { expect, it } from 'vitest';
import { Deadline } from '../../../src/deadline/deadline.ts';
import type { Deliver, DeliveryResult } from '../../../src/outbox/delivery.ts';
import { CollectionExporter } from '../../../src/self-metrics/collection-exporter.ts';
import type { ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { waitFor } from '../../support/wait-for.ts';

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
  const counter = new MeterProvider({ readers: [exporter.reader] }).getMeter('test').createCounter('count');
  counter.add(1);
  const collect = (): Promise<unknown> => exporter.reader.flush(Deadline.after(20));
  return { exporter, lines, counter, collect };
}

const valueOf = (collection: ResourceMetrics | undefined): number =>
  Number(collection?.scopeMetrics[0]?.metrics[0]?.dataPoints[0]?.value);

it('keeps 16 collections that cannot be delivered, the latest', async () => {
  const { exporter, counter, collect } = setUp(() => Promise.resolve(DOWN));
  for (let collection = 1; collection <= 18; collection += 1) {
    void collect();
    await waitFor(() => exporter.counts().accepted === collection, `collection ${collection}`);
    counter.add(1);
  }
  await exporter.finish(Deadline.after(0));
  await waitFor(() => exporter.counts().accepted === 19, 'the last collection');
  expect(exporter.counts()).toMatchObject({ waiting: 16, dropped: { queue_full: 3 } });
  expect(exporter.takeOut().map(valueOf)).toEqual(Array.from({ length: 16 }, (_, index) => index + 4));
});

it('delivers one collection at a time, in their order', async () => {
  const log: string[] = [];
  const gate = Promise.withResolvers<void>();
  const { exporter, counter, collect } = setUp(async ([collection]) => {
    log.push(`${valueOf(collection)} begins`);
    await gate.promise;
    log.push(`${valueOf(collection)} ends`);
    return { status: 'delivered', rejected: 0, message: '' };
  });
  for (let collection = 1; collection <= 3; collection += 1) {
    void collect();
    await waitFor(() => exporter.counts().accepted === collection, `collection ${collection}`);
    counter.add(1);
  }
  gate.resolve();
  await exporter.finish(Deadline.after(10_000));
  expect(log).toEqual([1, 2, 3, 4].flatMap((value) => [`${value} begins`, `${value} ends`]));
  expect(exporter.counts().waiting).toBe(0);
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

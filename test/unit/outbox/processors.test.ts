import { LoggerProvider, type ReadableLogRecord } from '@opentelemetry/sdk-logs';
import { type ReadableSpan, type Sampler, SamplingDecision, TracerProvider } from '@opentelemetry/sdk-trace';
import { describe, expect, it } from 'vitest';
import { OutboxLogRecordProcessor } from '../../../src/outbox/processors.ts';
import { Outbox } from '../../../src/outbox/outbox.ts';
import { OutboxSpanProcessor } from '../../../src/outbox/processors.ts';

function outboxOf<T>() {
  const delivered: T[] = [];
  const outbox = new Outbox<T>({
    maxQueueSize: 100,
    maxBatchSize: 100,
    maxInFlight: 1,
    scheduleDelayMillis: 1e6,
    attemptTimeoutMillis: Infinity,
    deliver: (items) => {
      delivered.push(...items);
      return Promise.resolve({ status: 'delivered', rejected: 0, message: '' });
    },
  });
  return { outbox, delivered };
}

describe('OutboxSpanProcessor', () => {
  const tracerOf = (processor: OutboxSpanProcessor, sampler?: Sampler) =>
    new TracerProvider({ spanProcessors: [processor], ...(sampler !== undefined && { sampler }) }).getTracer('test');

  it.each(['forceFlush', 'shutdown'] as const)('%s delivers what has ended, and later spans are kept', async (end) => {
    const { outbox, delivered } = outboxOf<ReadableSpan>();
    const processor = new OutboxSpanProcessor(outbox, 10_000);
    const tracer = tracerOf(processor);
    tracer.startSpan('open');
    tracer.startSpan('ended').end();
    await processor[end]();
    expect(delivered.map(({ name }) => name)).toEqual(['ended']);
    tracer.startSpan('late').end();
    expect(outbox.counts().waiting).toBe(1);
  });

  it('leaves out what is recorded and not sampled', () => {
    const { outbox } = outboxOf<ReadableSpan>();
    const sampler: Sampler = { shouldSample: () => ({ decision: SamplingDecision.RECORD }) };
    tracerOf(new OutboxSpanProcessor(outbox, 0), sampler).startSpan('recorded').end();
    expect(outbox.counts().accepted).toBe(0);
  });
});

describe('OutboxLogRecordProcessor', () => {
  it.each(['forceFlush', 'shutdown'] as const)(
    '%s delivers what was emitted, and later records are kept',
    async (end) => {
      const { outbox, delivered } = outboxOf<ReadableLogRecord>();
      const processor = new OutboxLogRecordProcessor(outbox, 10_000);
      const logger = new LoggerProvider({ processors: [processor] }).getLogger('test');
      logger.emit({ body: 'one' });
      await processor[end]();
      expect(delivered.map(({ body }) => body)).toEqual(['one']);
      logger.emit({ body: 'late' });
      expect(outbox.counts().waiting).toBe(1);
    },
  );
});

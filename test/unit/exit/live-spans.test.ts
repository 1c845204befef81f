import { context, ROOT_CONTEXT, SpanStatusCode, trace } from '@opentelemetry/api';
import {
  AlwaysOffSampler,
  InMemorySpanExporter,
  type ReadableSpan,
  type Sampler,
  SamplingDecision,
  SimpleSpanProcessor,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { describe, expect, it } from 'vitest';
import { INTERRUPTED, LiveSpans } from '../../../src/exit/live-spans.ts';

function setUp(maxSpans = 100) {
  const live = new LiveSpans(maxSpans);
  const exporter = new InMemorySpanExporter();
  const provider = new TracerProvider({ spanProcessors: [live, new SimpleSpanProcessor({ exporter })] });
  const tracer = provider.getTracer('test');
  return { live, tracer, exporter, finished: () => exporter.getFinishedSpans() };
}

describe('LiveSpans', () => {
  it('ends live spans, children first, marks them, and keeps start times, parents and links', () => {
    const { live, tracer, finished } = setUp();
    const linked = tracer.startSpan('ended');
    linked.end();
    const parent = tracer.startSpan('parent', { startTime: new Date(1000) });
    tracer.startSpan('child', { links: [{ context: linked.spanContext() }] }, trace.setSpan(ROOT_CONTEXT, parent));
    expect(live.size).toBe(2);
    live.interrupt();
    expect(finished().map(({ name }) => name)).toEqual(['ended', 'child', 'parent']);
    const [, child, ended] = finished();
    expect(child).toMatchObject({
      attributes: { [INTERRUPTED]: true },
      status: { code: SpanStatusCode.UNSET },
      parentSpanContext: { spanId: parent.spanContext().spanId },
      links: [{ context: { spanId: linked.spanContext().spanId } }],
    });
    expect(ended?.startTime).toEqual([1, 0]);
    expect(live.size).toBe(0);
  });

  it('ends the others, too, where a processor of the application throws, and says so', () => {
    const failure = new Error('processor');
    const live = new LiveSpans(10);
    const exporter = new InMemorySpanExporter();
    class Throwing extends SimpleSpanProcessor {
      override onEnd(span: ReadableSpan): void {
        if (span.name === 'bad') throw failure;
        super.onEnd(span);
      }
    }
    const processor = new Throwing({ exporter });
    const tracer = new TracerProvider({ spanProcessors: [live, processor] }).getTracer('test');
    for (const name of ['first', 'bad', 'last']) tracer.startSpan(name);
    const errors: unknown[] = [];
    expect(live.interrupt(undefined, (error) => errors.push(error))).toBe(3);
    expect(exporter.getFinishedSpans().map(({ name }) => name)).toEqual(['last', 'first']);
    expect(errors).toEqual([failure]);
  });

  it('gives status ERROR to the span of the error and its live ancestors only', () => {
    const { live, tracer, finished } = setUp();
    const root = tracer.startSpan('root');
    const inRoot = trace.setSpan(ROOT_CONTEXT, root);
    const failed = tracer.startSpan('failed', {}, inRoot);
    tracer.startSpan('sibling', {}, inRoot);
    live.interrupt({ spanContext: failed.spanContext(), parentSpanContext: undefined, message: 'boom' });
    expect(Object.fromEntries(finished().map(({ name, status }) => [name, status]))).toEqual({
      root: { code: SpanStatusCode.ERROR, message: 'boom' },
      failed: { code: SpanStatusCode.ERROR, message: 'boom' },
      sibling: { code: SpanStatusCode.UNSET },
    });
  });

  it('finds the live ancestors of a span that has ended already', () => {
    const { live, tracer, finished } = setUp();
    const root = tracer.startSpan('root');
    const failed = tracer.startSpan('failed', {}, trace.setSpan(ROOT_CONTEXT, root));
    failed.end();
    live.interrupt({ spanContext: failed.spanContext(), parentSpanContext: root.spanContext(), message: 'boom' });
    expect(finished().map(({ name, status }) => [name, status.code])).toEqual([
      ['failed', SpanStatusCode.UNSET],
      ['root', SpanStatusCode.ERROR],
    ]);
  });

  it('leaves the status as it is if there is no error', () => {
    const { live, tracer, finished } = setUp();
    tracer.startSpan('open').setStatus({ code: SpanStatusCode.OK });
    live.interrupt();
    expect(finished()[0]?.status.code).toBe(SpanStatusCode.OK);
  });

  it('holds at most maxSpans, the oldest, and counts the others', () => {
    const { live, tracer, finished } = setUp(2);
    const spans = ['a', 'b', 'c'].map((name) => tracer.startSpan(name));
    expect(live.size).toBe(3);
    spans[2]?.end();
    expect(live.size).toBe(2);
    live.interrupt();
    expect(finished().map(({ name }) => name)).toEqual(['c', 'b', 'a']);
    expect(live.takeUntracked()).toBe(0);
  });

  it('tells once how many it could not hold', () => {
    const { live, tracer } = setUp(2);
    const spans = ['a', 'b', 'c', 'd', 'e'].map((name) => tracer.startSpan(name));
    spans[4]?.end();
    live.interrupt();
    expect([live.takeUntracked(), live.takeUntracked()]).toEqual([2, 0]);
    spans[3]?.end();
    tracer.startSpan('f');
    expect(live.size).toBe(1);
  });

  it('holds no span that is not sampled, and counts those that are recorded', () => {
    const live = new LiveSpans(10);
    const recordOnly: Sampler = { shouldSample: () => ({ decision: SamplingDecision.RECORD }) };
    const [recorded, dropped] = [recordOnly, new AlwaysOffSampler()].map((sampler) =>
      new TracerProvider({ sampler, spanProcessors: [live] }).getTracer('test'),
    );
    dropped?.startSpan('dropped', {}, context.active());
    const first = recorded?.startSpan('first');
    recorded?.startSpan('second');
    expect([live.size, live.recordOnly]).toEqual([0, 2]);
    first?.end();
    expect([live.size, live.recordOnly]).toEqual([0, 1]);
  });

  it('counts none of the spans that it does not hold twice, and none below zero', () => {
    const { live, tracer } = setUp(1);
    const [, second, third] = ['a', 'b', 'c'].map((name) => tracer.startSpan(name));
    expect(live.size).toBe(3);
    second?.end();
    expect(live.size).toBe(2);
    third?.end();
    expect(live.size).toBe(1);
    if (third !== undefined) live.onEnd(third);
    expect(live.size).toBe(1);
  });

  it('says how many spans it has ended', () => {
    const { live, tracer } = setUp();
    expect(live.interrupt()).toBe(0);
    for (const name of ['a', 'b']) tracer.startSpan(name);
    expect(live.interrupt()).toBe(2);
  });

  it('ends spans although the error was in none', () => {
    const { live, tracer, finished } = setUp();
    tracer.startSpan('open');
    live.interrupt({ spanContext: undefined, parentSpanContext: undefined, message: 'boom' });
    expect(finished()[0]?.status).toEqual({ code: SpanStatusCode.UNSET });
  });

  it('has nothing to flush and nothing to shut down', async () => {
    const { live, tracer } = setUp();
    tracer.startSpan('open');
    for (const done of [live.forceFlush(), live.shutdown()]) {
      expect(done).toBeInstanceOf(Promise);
      await done;
    }
    expect(live.size).toBe(1);
  });
});

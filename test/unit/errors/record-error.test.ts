import {
  type Context,
  context,
  diag,
  INVALID_SPAN_CONTEXT,
  ROOT_CONTEXT,
  SeverityNumber,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { RPCType, setRPCMetadata } from '@opentelemetry/core';
import { InMemoryLogRecordExporter, LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { ErrorRecorder } from '../../../src/errors/record-error.ts';
import { LiveSpans } from '../../../src/exit/live-spans.ts';

vi.mock(import('../../../src/clock/clock.ts'), () => import('../../support/mockable-clock.ts'));

context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());

function setUp(exceptionSignal: 'logs' | 'logs/dup' = 'logs/dup', maxLiveSpans = 100) {
  const logs = new InMemoryLogRecordExporter();
  const spans = new InMemorySpanExporter();
  const live = new LiveSpans(maxLiveSpans);
  const tracer = new TracerProvider({
    spanProcessors: [live, new SimpleSpanProcessor({ exporter: spans })],
  }).getTracer('test');
  const logger = new LoggerProvider({ processors: [new SimpleLogRecordProcessor({ exporter: logs })] }).getLogger(
    'test',
  );
  let left: Context | undefined;
  return {
    tracer,
    recorder: new ErrorRecorder({ logger, exceptionSignal, unwound: () => left, spans: live }),
    leave: (unwound: Context) => {
      left = unwound;
    },
    records: () => logs.getFinishedLogRecords(),
    spans: () => spans.getFinishedSpans(),
  };
}

describe('ErrorRecorder', () => {
  it('records an error on the active span and as a log record of that span', () => {
    const { tracer, recorder, records, spans } = setUp();
    const error = new TypeError('no such thing');
    tracer.startActiveSpan('work', (span) => {
      expect(recorder.record(error, { severity: 'ERROR', attributes: { a: 1 } })).toEqual({
        spanContext: span.spanContext(),
        parentSpanContext: undefined,
        message: 'no such thing',
        severity: SeverityNumber.ERROR,
        onlyLogged: false,
      });
      span.end();
    });
    const exception = {
      'exception.type': 'TypeError',
      'exception.message': 'no such thing',
      'exception.stacktrace': error.stack,
    };
    expect(spans()).toMatchObject([
      {
        status: { code: SpanStatusCode.ERROR, message: 'no such thing' },
        attributes: { 'error.type': 'TypeError' },
        events: [{ name: 'exception', attributes: exception }],
      },
    ]);
    expect(records()).toMatchObject([
      {
        eventName: 'exception',
        severityNumber: SeverityNumber.ERROR,
        severityText: 'ERROR',
        body: 'TypeError: no such thing',
        attributes: { a: 1, ...exception },
        spanContext: { spanId: spans()[0]?.spanContext().spanId },
      },
    ]);
  });

  it.each([
    ['', 100],
    [', whose spans are not known', 0],
  ])('records an error once, however often it is reported on its way out%s', (_title, maxLiveSpans) => {
    const { tracer, recorder, records, spans } = setUp('logs/dup', maxLiveSpans);
    const error = new Error('once');
    tracer.startActiveSpan('outer', (outer) => {
      tracer.startActiveSpan('middle', (middle) => {
        tracer.startActiveSpan('inner', (span) => {
          recorder.record(error, { severity: 'ERROR' });
          span.end();
        });
        middle.end();
      });
      const again = recorder.record(error, { severity: 'ERROR' });
      expect(again.spanContext).toEqual(spans()[0]?.spanContext());
      outer.end();
    });
    recorder.record(error, { severity: 'ERROR' });
    expect(records()).toHaveLength(1);
    expect(spans().map(({ events }) => events.length)).toEqual([1, 0, 0]);
  });

  it.each([['an object', new Error('cached')] as const, ['a primitive', 'cached'] as const])(
    'records it in each span that it occurs in: %s',
    (_title, error) => {
      const { tracer, recorder, records, spans } = setUp();
      const request = (name: string, context = ROOT_CONTEXT) => {
        tracer.startActiveSpan(name, {}, context, (span) => {
          recorder.record(error, { severity: 'ERROR' });
          recorder.record(error, { severity: 'ERROR' });
          span.end();
        });
      };
      // Two requests, and two steps of one whose parent sees it, too.
      request('first');
      request('second');
      tracer.startActiveSpan('third', (span) => {
        request('step 1', context.active());
        request('step 2', context.active());
        recorder.record(error, { severity: 'ERROR' });
        span.end();
      });
      expect(spans().map(({ name, events, status }) => [name, events.length, status.code])).toEqual([
        ['first', 1, SpanStatusCode.ERROR],
        ['second', 1, SpanStatusCode.ERROR],
        ['step 1', 1, SpanStatusCode.ERROR],
        ['step 2', 1, SpanStatusCode.ERROR],
        ['third', 0, SpanStatusCode.UNSET],
      ]);
      expect(records().map(({ spanContext }) => spanContext?.spanId)).toEqual(
        spans().flatMap((span) => (span.name === 'third' ? [] : [span.spanContext().spanId])),
      );
    },
  );

  it('of spans that nobody knows: in each trace', () => {
    const { tracer, recorder, records } = setUp('logs/dup', 0);
    const error = new Error('cached');
    for (const name of ['first', 'second'])
      tracer.startActiveSpan(name, () => {
        recorder.record(error, { severity: 'ERROR' });
        tracer.startActiveSpan('inside', () => recorder.record(error, { severity: 'ERROR' }));
      });
    expect(records()).toHaveLength(2);
  });

  it('where there are no spans: in each request', () => {
    const { recorder, records } = setUp();
    const error = new Error('cached');
    for (let request = 0; request < 2; request += 1) {
      const span = trace.wrapSpanContext(INVALID_SPAN_CONTEXT);
      context.with(setRPCMetadata(trace.setSpan(ROOT_CONTEXT, span), { type: RPCType.HTTP, span }), () => {
        recorder.record(error, { severity: 'ERROR' });
        recorder.record(error, { severity: 'ERROR' });
      });
    }
    recorder.record(error, { severity: 'ERROR' });
    expect(records()).toHaveLength(2);
  });

  it('ends the process of the occurrence that ends it, once', () => {
    const { tracer, recorder, records, spans } = setUp();
    const error = new Error('cached');
    for (const name of ['survived', 'not survived'])
      tracer.startActiveSpan(name, (span) => {
        recorder.record(error, { severity: 'ERROR' });
        span.end();
      });
    recorder.record(error, { severity: 'FATAL' });
    recorder.record(error, { severity: 'FATAL' });
    expect(records().map(({ severityText }) => severityText)).toEqual(['ERROR', 'ERROR', 'FATAL']);
    expect(records()[2]?.spanContext?.spanId).toBe(spans()[1]?.spanContext().spanId);
  });

  it('records an error again, once, when it ends the process after it was recorded as ERROR', () => {
    const { tracer, recorder, records, spans } = setUp();
    const error = new Error('not survived');
    tracer.startActiveSpan('work', (span) => {
      recorder.record(error, { severity: 'ERROR' });
      span.end();
    });
    recorder.record(error, { severity: 'FATAL', attributes: { 'process.uptime': 7 } });
    recorder.record(error, { severity: 'FATAL' });
    expect(records().map(({ severityText, spanContext }) => [severityText, spanContext?.spanId])).toEqual([
      ['ERROR', spans()[0]?.spanContext().spanId],
      ['FATAL', spans()[0]?.spanContext().spanId],
    ]);
    expect(records()[1]?.attributes).toMatchObject({ 'process.uptime': 7, 'exception.message': 'not survived' });
    expect(spans()[0]?.events).toHaveLength(1);
  });

  it('takes the same primitive in the same task for the same throw, in a later task for another', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const { recorder, records } = setUp();
    recorder.record('thrown', { severity: 'ERROR' });
    await Promise.resolve();
    recorder.record('thrown', { severity: 'ERROR' });
    expect(records()).toHaveLength(1);
    vi.advanceTimersByTime(1);
    recorder.record('thrown', { severity: 'ERROR' });
    recorder.record(Number.NaN, { severity: 'ERROR' });
    recorder.record(Number.NaN, { severity: 'ERROR' });
    expect(records()).toHaveLength(3);
  });

  it('uses the context that the throw has left, if there is one', () => {
    const { tracer, recorder, leave, records } = setUp();
    const left = tracer.startSpan('left');
    leave(trace.setSpan(ROOT_CONTEXT, left));
    tracer.startActiveSpan('active', () => recorder.record(new Error('x'), { severity: 'FATAL' }));
    expect(records()).toMatchObject([
      { severityNumber: SeverityNumber.FATAL, spanContext: { spanId: left.spanContext().spanId } },
    ]);
  });

  it('does not change a span that has ended; the log record still belongs to it', () => {
    const { tracer, recorder, records, spans } = setUp();
    tracer.startActiveSpan('ended', (span) => {
      span.end();
      recorder.record(new Error('late'), { severity: 'ERROR' });
    });
    expect(spans()[0]?.events).toEqual([]);
    expect(records()[0]?.spanContext?.spanId).toBe(spans()[0]?.spanContext().spanId);
  });

  it('OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN=logs omits the span event, not the status', () => {
    const { tracer, recorder, spans, records } = setUp('logs');
    tracer.startActiveSpan('work', (span) => {
      recorder.record(new Error('x'), { severity: 'ERROR' });
      span.end();
    });
    expect(spans()[0]).toMatchObject({
      events: [],
      status: { code: SpanStatusCode.ERROR },
      attributes: { 'error.type': 'Error' },
    });
    expect(records()).toHaveLength(1);
  });

  it('a line that logs an error is its log record; the span has the rest when the error is thrown', () => {
    const { tracer, recorder, records, spans } = setUp();
    const error = new TypeError('logged');
    tracer.startActiveSpan('request', (request) => {
      tracer.startActiveSpan('step', (step) => {
        expect(recorder.isNewInLine(error, SeverityNumber.ERROR)).toBe(true);
        step.end();
      });
      expect(recorder.isNewInLine(error, SeverityNumber.ERROR)).toBe(false);
      expect(recorder.record(error, { severity: 'ERROR' })).toMatchObject({ message: 'logged', onlyLogged: false });
      recorder.record(error, { severity: 'ERROR' });
      request.end();
    });
    expect(records()).toEqual([]);
    expect(spans().map(({ name, events, status }) => [name, events.length, status.code])).toEqual([
      ['step', 0, SpanStatusCode.UNSET],
      ['request', 1, SpanStatusCode.ERROR],
    ]);
  });

  it.each([
    ['WARN', 'ERROR', ['ERROR']],
    ['WARN', 'FATAL', ['FATAL']],
    ['ERROR', 'ERROR', []],
    ['ERROR', 'FATAL', ['FATAL']],
    ['FATAL', 'FATAL', []],
  ] as const)('an error that was logged as %s, and then is %s: records %j', (logged, then, recorded) => {
    const { recorder, records } = setUp();
    const error = new Error('logged');
    expect(recorder.isNewInLine(error, SeverityNumber[logged])).toBe(true);
    recorder.record(error, { severity: then });
    recorder.record(error, { severity: then });
    expect(records().map(({ severityText }) => severityText)).toEqual(recorded);
    expect(recorder.isNewInLine(error, SeverityNumber.FATAL4)).toBe(false);
  });

  it('a line that makes more of the error than those before tells of it, too', () => {
    const { recorder, records } = setUp();
    const error = new Error('logged');
    const severities = [SeverityNumber.DEBUG, SeverityNumber.INFO, SeverityNumber.DEBUG, SeverityNumber.ERROR];
    expect(severities.map((severity) => recorder.isNewInLine(error, severity))).toEqual([true, true, false, true]);
    recorder.record(error, { severity: 'ERROR' });
    expect(records()).toEqual([]);
  });

  it('an error that swansong has recorded is new in no line, but in another request it is', () => {
    const { tracer, recorder } = setUp();
    const error = new Error('recorded');
    const isNew = tracer.startActiveSpan('request', () => {
      recorder.record(error, { severity: 'ERROR' });
      return recorder.isNewInLine(error, SeverityNumber.FATAL);
    });
    const isNewInAnother = tracer.startActiveSpan('another', {}, ROOT_CONTEXT, () =>
      recorder.isNewInLine(error, SeverityNumber.INFO),
    );
    expect([isNew, isNewInAnother]).toEqual([false, true]);
  });

  it.each([
    ['an error could not be recorded', []],
    ['what became of an error could not be recorded', [{ severity: 'ERROR' }]],
  ] as const)('tells of a logger that throws, and throws nothing: %s', (line, earlier) => {
    const failure = new Error('no logger');
    let works = earlier.length > 0;
    const emit = () => {
      if (!works) throw failure;
    };
    const told = vi.spyOn(diag, 'error').mockReturnValue();
    onTestFinished(() => told.mockRestore());
    const recorder = new ErrorRecorder({
      logger: { emit, enabled: () => true },
      exceptionSignal: 'logs',
      unwound: () => undefined,
      spans: new LiveSpans(1),
    });
    const error = new Error('boom');
    for (const options of earlier) recorder.record(error, options);
    works = false;
    expect(recorder.record(error, { severity: 'FATAL' })).toEqual({
      spanContext: undefined,
      parentSpanContext: undefined,
      message: 'boom',
      severity: earlier.length > 0 ? SeverityNumber.ERROR : SeverityNumber.FATAL,
      onlyLogged: false,
    });
    expect(told.mock.calls).toEqual([[line, failure]]);
  });
});

import { type DiagLogger, diag, DiagLogLevel, logs, metrics, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { emptyResource } from '@opentelemetry/resources';
import { InMemoryLogRecordExporter, LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { onRecordedException } from '../../../../src/instrumentation/routes/recorded-exceptions.ts';
import { guardApi } from '../../../../src/sdk/guard/guard-api.ts';

const resource = emptyResource();
const spans = new InMemorySpanExporter();
const records = new InMemoryLogRecordExporter();
const reader = new PeriodicExportingMetricReader({
  exporter: new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE),
  exportIntervalMillis: 1e6,
});
const tracers = new TracerProvider({ resource, spanProcessors: [new SimpleSpanProcessor({ exporter: spans })] });
const loggers = new LoggerProvider({ resource, processors: [new SimpleLogRecordProcessor({ exporter: records })] });
const meters = new MeterProvider({ resource, readers: [reader] });

/** An object with the names of its own and inherited properties, and of methods name, length and whether they are enumerable. */
function surface(value: object): object {
  const prototype: object = Object.getPrototypeOf(value);
  return {
    class: value.constructor.name,
    own: Object.keys(value),
    methods: Object.entries(Object.getOwnPropertyDescriptors(prototype)).map(
      ([key, { value: method, enumerable, writable, configurable }]) => [
        key,
        typeof method === 'function' ? [method.name, method.length] : undefined,
        enumerable,
        writable,
        configurable,
      ],
    ),
  };
}

function surfaces(): object[] {
  const meter = meters.getMeter('surface');
  const tracer = tracers.getTracer('surface');
  return [
    tracers,
    tracer,
    tracer.startSpan('surface'),
    loggers,
    loggers.getLogger('surface'),
    meters,
    meter,
    meter.createCounter('c'),
    meter.createUpDownCounter('u'),
    meter.createHistogram('h'),
    meter.createGauge('g'),
    meter.createObservableGauge('o'),
  ].map(surface);
}

const warnings: string[] = [];
const logger: DiagLogger = {
  error: (line) => warnings.push(line),
  warn: (line) => warnings.push(line),
  info() {},
  debug() {},
  verbose() {},
};

const ALL = { traces: true, metrics: true, logs: true };
let before: object[];
beforeAll(() => {
  before = surfaces();
  guardApi(ALL);
  guardApi(ALL);
  diag.setLogger(logger, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
});
afterAll(async () => {
  diag.disable();
  await meters.shutdown();
});
beforeEach(() => {
  warnings.length = 0;
  spans.reset();
  records.reset();
});

/** Calls as JavaScript may: with parameters that the types forbid. */
function call(target: object, method: string, ...parameters: readonly unknown[]): unknown {
  return Reflect.apply(Reflect.get(target, method), target, parameters);
}

const circular: Record<string, unknown> = {};
circular['self'] = circular;

describe('guardApi', () => {
  it('changes nothing that can be seen of classes, objects and methods', () => {
    expect(surfaces()).toEqual(before);
  });

  it('says nothing and gives the same where a call is right', () => {
    const tracer = tracers.getTracer('app', '1', { schemaUrl: 'https://h/1' });
    expect(tracers.getTracer('app', '1', { schemaUrl: 'https://h/1' })).toBe(tracer);
    const span = tracer.startSpan(
      'right',
      { kind: 1, startTime: new Date(), attributes: { a: 1 }, links: [] },
      ROOT_CONTEXT,
    );
    expect(span.setAttribute('b', 2).setAttributes({ c: 3 }).addEvent('e', { d: 4 }).updateName('good')).toBe(span);
    expect(span.addLink({ context: span.spanContext() }).addLinks([]).setStatus({ code: 2, message: 'm' })).toBe(span);
    span.recordException(new Error('x'), [1_700_000_000, 0]);
    expect(span.end(Date.now() + 5)).toBe(undefined);
    expect(spans.getFinishedSpans()).toMatchObject([
      {
        name: 'good',
        kind: 1,
        attributes: { a: 1, b: 2, c: 3 },
        events: [{ name: 'e', attributes: { d: 4 } }, { name: 'exception' }],
        links: [{}],
        status: { code: 2, message: 'm' },
      },
    ]);
    loggers.getLogger('app').emit({ body: 'b', timestamp: 0, attributes: { a: 1 }, context: ROOT_CONTEXT });
    expect(records.getFinishedLogRecords()).toMatchObject([{ body: 'b', attributes: { a: 1 } }]);
    expect(warnings).toEqual([]);
  });

  it('passes on what the function of startActiveSpan returns and throws, whatever the options', async () => {
    const tracer = tracers.getTracer('app');
    const failure = new Error('the application');
    expect(tracer.startActiveSpan('a', (span) => span.isRecording())).toBe(true);
    expect(tracer.startActiveSpan('a', {}, ROOT_CONTEXT, () => 'returned')).toBe('returned');
    for (const options of [{}, { kind: 'server' }, null]) {
      expect(() =>
        call(tracer, 'startActiveSpan', 'a', options, () => {
          throw failure;
        }),
      ).toThrow(failure);
      await expect(call(tracer, 'startActiveSpan', 'a', options, () => Promise.reject(failure))).rejects.toBe(failure);
    }
    expect(call(tracer, 'startActiveSpan', 'a', {}, 'no context', () => 'returned')).toBe('returned');
    expect(call(tracer, 'startActiveSpan', 'a')).toBe(undefined);
  });

  it('tells in a line which attribute is left out, and why', () => {
    const counter = meters.getMeter('app').createCounter('c');
    call(counter, 'add', 1, { id: 10n, ok: 1 });
    call(tracers.getTracer('app'), 'startSpan', 's', {
      attributes: {
        circular,
        get bad() {
          throw new Error('getter');
        },
      },
    });
    expect(warnings).toEqual([
      'add(): the attribute id cannot be read, it is left out: Do not know how to serialize a BigInt',
      'startSpan(): the attribute circular has no valid value, it is left out',
      'startSpan(): the attribute bad cannot be read, it is left out: getter',
    ]);
  });

  it('says nothing where a framework adds to a span of ours that has ended', () => {
    for (const scope of ['swansong/http', 'swansong', 'app']) {
      const span = tracers.getTracer(scope).startSpan(scope);
      span.end();
      span.setAttribute('http.route', '/late').updateName('late');
    }
    expect(warnings).toEqual(
      Array.from({ length: 4 }, () => expect.stringMatching(/^Cannot execute the operation on ended Span/)),
    );
    expect(spans.getFinishedSpans().map(({ name, attributes }) => [name, attributes])).toEqual([
      ['swansong/http', {}],
      ['swansong', {}],
      ['app', {}],
    ]);
  });

  it('tells what is recorded on the spans of a framework, each as it was given', () => {
    const told: unknown[] = [];
    onRecordedException('framework', (exception) => told.push(exception));
    onRecordedException('broken', () => {
      throw new Error('broken on purpose');
    });
    const error = new TypeError('answered');
    for (const scope of ['framework', 'broken', 'app']) {
      const span = tracers.getTracer(scope).startSpan(scope);
      span.recordException(error);
      span.end();
    }
    expect(told).toEqual([error]);
    expect(warnings).toEqual(['an exception that broken has recorded could not be passed on']);
    expect(spans.getFinishedSpans().map(({ name, events }) => [name, events.length])).toEqual([
      ['framework', 1],
      ['broken', 1],
      ['app', 1],
    ]);
  });

  it('guards the results that callbacks of observables are given', async () => {
    const meter = meters.getMeter('observed');
    const one = meter.createObservableGauge('one');
    const two = meter.createObservableGauge('two');
    one.addCallback((result) => {
      call(result, 'observe', 1, { id: 10n });
      result.observe(2, { ok: 'yes' });
    });
    meter.addBatchObservableCallback(
      (result) => {
        call(result, 'observe', two, 3, circular);
        call(result, 'observe', undefined, 3);
        result.observe(two, 4, { ok: 'yes' });
      },
      [two],
    );
    const { resourceMetrics, errors } = await reader.collect();
    expect(errors).toEqual([]);
    const found = resourceMetrics.scopeMetrics.find(({ scope }) => scope.name === 'observed');
    expect(
      found?.metrics.flatMap(({ dataPoints }) => dataPoints.map(({ value, attributes }) => [value, attributes])),
    ).toEqual([
      [1, {}],
      [2, { ok: 'yes' }],
      [3, {}],
      [4, { ok: 'yes' }],
    ]);
  });

  it('a removed callback is the one that was added', async () => {
    const meter = meters.getMeter('removed');
    const gauge = meter.createObservableGauge('g');
    let calls = 0;
    const callback = (): void => void (calls += 1);
    gauge.addCallback(callback);
    await reader.collect();
    gauge.removeCallback(callback);
    await reader.collect();
    expect(calls).toBe(1);
  });

  it('works behind the delegates of the API', () => {
    const early = { tracer: trace.getTracer('early'), logger: logs.getLogger('early') };
    trace.setGlobalTracerProvider(tracers);
    logs.setGlobalLoggerProvider(loggers);
    metrics.setGlobalMeterProvider(meters);
    try {
      call(early.tracer, 'startSpan', 'span', { links: [undefined] });
      expect(call(early.tracer, 'startActiveSpan', 'span', null, () => 'returned')).toBe('returned');
      call(early.logger, 'emit', { body: 'b', timestamp: 'today' });
      call(metrics.getMeter('early').createHistogram('h'), 'record', 1, null);
      expect(records.getFinishedLogRecords()).toMatchObject([{ body: 'b' }]);
    } finally {
      trace.disable();
      logs.disable();
      metrics.disable();
    }
  });

  it.each(['createCounter', 'createUpDownCounter', 'createHistogram', 'createGauge'])(
    '%s gives an instrument, whatever its name and options',
    (method) => {
      const meter = meters.getMeter('odd');
      const odd = [undefined, null, {}, Symbol('s'), 42, 10n, 'name'];
      for (const name of odd) {
        for (const options of [
          undefined,
          null,
          { unit: 5 },
          { advice: { explicitBucketBoundaries: ['x'] } },
          { valueType: 'int' },
        ]) {
          const instrument = call(meter, method, name, options);
          const record = method.endsWith('Counter') ? 'add' : 'record';
          expect(() => call(Object(instrument), record, 1, { a: 1 })).not.toThrow();
        }
      }
    },
  );
});

import { createNoopMeter, type MetricOptions, ValueType } from '@opentelemetry/api';
import { emptyResource } from '@opentelemetry/resources';
import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import { isBound } from '../../otlp/mend-metrics.ts';
import { isTextOrMissing, text } from '../../otlp/mend-items.ts';
import { isObject } from '../../values/is-object.ts';
import { read } from '../../values/read.ts';
import { guardProvider } from './guard-scopes.ts';
import { callSafely, guardClassOf, readableAttributes, replaceMethod, tolerate, warn } from './guarded-method.ts';

/** The methods that create an instrument, and that instrument's method for recording; observables have none. */
const CREATE = {
  createCounter: 'add',
  createUpDownCounter: 'add',
  createHistogram: 'record',
  createGauge: 'record',
  createObservableCounter: undefined,
  createObservableUpDownCounter: undefined,
  createObservableGauge: undefined,
} as const;

export function guardMetrics(): void {
  guardProvider(MeterProvider.prototype, 'getMeter', (meter) => {
    for (const method of Object.keys(CREATE)) if (isCreate(method)) guardCreate(meter, method);
    for (const method of ['addBatchObservableCallback', 'removeBatchObservableCallback']) {
      tolerate(meter, method, undefined);
    }
  });
  let isFirst = true;
  replaceMethod(
    MetricReader.prototype,
    'collect',
    (original) =>
      function (this: unknown, options: unknown): unknown {
        if (isFirst) {
          isFirst = false;
          guardResults();
        }
        return original.call(this, options);
      },
  );
}

function isCreate(method: string): method is keyof typeof CREATE {
  return Object.hasOwn(CREATE, method);
}

/**
 * Guards the result objects that callbacks of observables receive, before the first collection. `collect()` calls synchronous
 * callbacks before it waits for anything, so the probe's collection is complete when this returns.
 */
function guardResults(): void {
  const reader = new Probe();
  const meter = new MeterProvider({ resource: emptyResource(), readers: [reader] }).getMeter('guard');
  const gauge = meter.createObservableGauge('g');
  gauge.addCallback((result) => guardClassOf(result, (prototype) => guardMeasuring(prototype, 'observe', 1)));
  meter.addBatchObservableCallback(
    (result) => guardClassOf(result, (prototype) => guardMeasuring(prototype, 'observe', 2)),
    [gauge],
  );
  void reader.collect();
}

class Probe extends MetricReader {
  protected override onForceFlush(): Promise<void> {
    return Promise.resolve();
  }

  protected override onShutdown(): Promise<void> {
    return Promise.resolve();
  }
}

/** Whether the SDK can use the attributes as the key of a series: it serialises them as JSON. */
function isHashable(value: unknown): value is unknown {
  return JSON.stringify(value) !== undefined;
}

/** @param position of the attributes among the parameters */
function guardMeasuring(prototype: object, method: string, position: 1 | 2): void {
  replaceMethod(
    prototype,
    method,
    (original) =>
      function (this: unknown, first: unknown, second: unknown, third: unknown): void {
        try {
          original.call(this, first, second, third);
        } catch {
          // The SDK throws before it has recorded anything: tried again, without the attributes that it cannot serialise.
          const parameters = [first, second, third];
          parameters[position] = readableAttributes(parameters[position], method, isHashable);
          callSafely(original, this, method, parameters, undefined);
        }
      },
  );
}

/** An instrument without a name gets a no-op one: a backend would refuse the whole collection for it. */
function guardCreate(prototype: object, method: keyof typeof CREATE): void {
  const noop = createNoopMeter();
  const measure = CREATE[method];
  const guarded = (instrument: unknown): unknown => {
    if (measure !== undefined) {
      guardClassOf(instrument, (prototypeOf) => guardMeasuring(prototypeOf, measure, 1));
    }
    return instrument;
  };
  replaceMethod(
    prototype,
    method,
    (original) =>
      function (this: unknown, given: unknown, options: unknown): unknown {
        const name = text(given);
        if (name === undefined) {
          warn(method, 'the name must be a string, the instrument does nothing');
          return noop[method]('');
        }
        try {
          if (name === given && areGoodOptions(options)) return guarded(original.call(this, name, options));
        } catch {
          // Tried again below, with what can be read of them.
        }
        warn(method, 'name, description and unit must be strings, valueType a ValueType, bucket boundaries numbers');
        const made = callSafely(original, this, method, [name, goodOptions(options)], undefined);
        return made === undefined ? noop[method]('') : guarded(made);
      },
  );
}

function isValueType(value: unknown): boolean {
  return typeof value === 'number' && ValueType[value] !== undefined;
}

function areGoodOptions(options: unknown): boolean {
  if (options === undefined) return true;
  if (!isObject(options)) return false;
  const { description, unit, valueType, advice }: Readonly<Partial<Record<keyof MetricOptions, unknown>>> = options;
  return (
    isTextOrMissing(description) &&
    isTextOrMissing(unit) &&
    (valueType === undefined || isValueType(valueType)) &&
    (advice === undefined || areBoundaries(read(advice, 'explicitBucketBoundaries')))
  );
}

function areBoundaries(value: unknown): boolean {
  return value === undefined || (Array.isArray(value) && value.every(isBound));
}

function goodOptions(options: unknown): object {
  const valueType = read(options, 'valueType');
  return {
    description: text(read(options, 'description')),
    unit: text(read(options, 'unit')),
    ...(isValueType(valueType) && { valueType }),
  };
}

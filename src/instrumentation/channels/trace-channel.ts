import type { AsyncLocalStorage } from 'node:async_hooks';
import { channel } from 'node:diagnostics_channel';
import {
  type Context,
  context,
  diag,
  type Histogram,
  type Span,
  SpanStatusCode,
  trace,
  type Tracer,
} from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';
import { monotonicMillis } from '../../clock/clock.ts';
import { errorType } from '../../errors/error-type.ts';
import { isObject } from '../../values/is-object.ts';
import { read } from '../../values/read.ts';
import { seriesAttributes } from '../series-attributes.ts';
import { subscribe } from '../subscribe.ts';
import type { Failure, Operation, TracedChannel, TracedSpan } from './library.ts';

export interface Telemetry {
  /** Where the context manager keeps the active context. */
  readonly store: AsyncLocalStorage<Context>;
  readonly tracer: Tracer;
  readonly durations: Histogram | undefined;
}

/** An operation in progress. */
interface Running {
  readonly caller: Context;
  readonly active: Context;
  readonly span: Span | undefined;
  /** Undefined: nothing is recorded. */
  readonly operation: Operation | undefined;
  readonly startedAt: number;
  failure: unknown;
  hasFailed: boolean;
}

/**
 * Records the operations that a library publishes on a tracing channel, and keeps the context right:
 * what the library does for the operation runs within its span, and the callback of it in the context of its caller.
 *
 * The context is bound to the channels (`bindStore`), since a subscriber cannot: the publisher runs the operation within
 * `Channel.runStores()`. Node turns what a subscriber or the function given to `bindStore` throws into an uncaught exception: all
 * are guarded.
 */
export function traceChannel(
  { channel: name, span: traced, isShared = false }: TracedChannel,
  telemetry: Telemetry,
): void {
  const { store } = telemetry;
  const operations = new WeakMap<object, Running>();
  const named = (event: string): string => `tracing:${name}:${event}`;

  const bind = (event: string, contextOf: (message: object) => Context | undefined): void => {
    // By its documentation the function returns what the store then holds.
    channel(named(event)).bindStore(store, (message: unknown): Context => {
      try {
        if (isObject(message)) return contextOf(message) ?? context.active();
      } catch (error) {
        diag.error(`the instrumentation of ${name} failed`, error);
      }
      return context.active();
    });
  };
  let isFollowed = false;
  const start = (message: object): Running => {
    // Most applications have few of the libraries: the rest of the channel is subscribed to when it is first published on.
    if (!isFollowed) {
      isFollowed = true;
      follow();
    }
    const running = begin(message, traced, telemetry);
    operations.set(message, running);
    if (running.operation !== undefined) {
      traced?.started?.(message, (thrown) => {
        if (thrown !== undefined) fail(running, thrown.error);
        end(message);
      });
    }
    return running;
  };

  const end = (message: object): void => {
    const running = operations.get(message);
    if (running === undefined || traced === undefined) return;
    operations.delete(message);
    finish(message, running, traced, telemetry);
  };

  bind('start', (message) => {
    const { active } = start(message);
    return isShared ? trace.deleteSpan(active) : active;
  });
  // For a publisher that does not run the operation within the channel: then it has a span, but not its context.
  if (traced !== undefined) {
    subscribe(named('start'), (message) => {
      if (!operations.has(message)) start(message);
    });
  }

  /** What comes after the start of an operation. */
  function follow(): void {
    bind('asyncStart', (message) => operations.get(message)?.caller);
    if (traced === undefined) return;
    subscribe(named('error'), (message) => {
      const running = operations.get(message);
      if (running !== undefined) fail(running, read(message, 'error'));
    });
    // The synchronous part has ended. It was all of it if it has a result or failed.
    subscribe(named('end'), (message) => {
      if (operations.get(message)?.hasFailed === true || 'result' in message) end(message);
    });
    const endUnlessItGoesOn = (message: object): void => {
      if (operations.get(message)?.hasFailed === true || traced.continues?.(message) !== true) end(message);
    };
    // A callback of the application runs between the two, and does not belong to the operation.
    subscribe(named('asyncStart'), (message) => {
      if ('result' in message || 'error' in message) endUnlessItGoesOn(message);
    });
    subscribe(named('asyncEnd'), endUnlessItGoesOn);
  }
}

function fail(running: Running, error: unknown): void {
  running.hasFailed = true;
  running.failure = error;
}

function begin(message: object, traced: TracedSpan | undefined, { tracer }: Telemetry): Running {
  const caller = context.active();
  const startedAt = monotonicMillis();
  const operation = traced === undefined || isTracingSuppressed(caller) ? undefined : describe(message, traced);
  let span: Span | undefined;
  let active = caller;
  if (traced !== undefined && operation !== undefined) {
    const { kind, mayBeRoot = false, propagate } = traced;
    const parent = operation.parent ?? caller;
    if (mayBeRoot || trace.getSpan(parent)?.isRecording() === true) {
      const { name, attributes } = operation;
      span = tracer.startSpan(name, { kind: operation.kind ?? kind, attributes }, parent);
    }
    active = span === undefined ? parent : trace.setSpan(parent, span);
    if (propagate !== undefined) propagateTo(propagate, message, active);
  }
  return { caller, active, span, operation, startedAt, failure: undefined, hasFailed: false };
}

function propagateTo(propagate: NonNullable<TracedSpan['propagate']>, message: object, active: Context): void {
  try {
    // Without a trace there is nothing to tell. That of a caller that is not sampled tells the receiver not to sample either.
    if (trace.getSpanContext(active) !== undefined) propagate(message, active);
  } catch (error) {
    diag.error('the context could not be propagated', error);
  }
}

/** A fault of ours is logged: the operation is not recorded, and its callback keeps the context of its caller. */
function describe(message: object, traced: TracedSpan): Operation | undefined {
  try {
    return traced.describe(message);
  } catch (error) {
    diag.error('an operation could not be described', error);
    return undefined;
  }
}

function finish(message: object, running: Running, traced: TracedSpan, telemetry: Telemetry): void {
  const { span, operation, startedAt, hasFailed, active } = running;
  const seconds = (monotonicMillis() - startedAt) / 1000;
  let measured = operation?.measured;
  try {
    const failure = hasFailed ? (traced.failure ?? failureOf)(running.failure) : traced.failedResult?.(message);
    if (failure !== undefined) {
      const { attributes, description } = failure;
      if (measured !== undefined) measured = { ...measured, ...attributes };
      span?.setStatus({ code: SpanStatusCode.ERROR, ...(description === undefined ? {} : { message: description }) });
      span?.setAttributes(attributes);
    }
    if (!hasFailed && traced.outcome !== undefined && span?.isRecording() === true) {
      span.setAttributes(traced.outcome(message));
    }
  } finally {
    span?.end();
    if (measured !== undefined) telemetry.durations?.record(seconds, seriesAttributes(measured), active);
  }
}

function failureOf(error: unknown): Failure {
  return { attributes: { 'error.type': errorType(error) } };
}

import type { EventEmitter } from 'node:events';
import { diag } from '@opentelemetry/api';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ProcessFacts } from '../../../src/errors/process-facts.ts';
import type { ErrorRecorder, RecordOptions } from '../../../src/errors/record-error.ts';
import type { RecordedError } from '../../../src/errors/recorded-errors.ts';
import { recordUncaughtErrors } from '../../../src/errors/uncaught.ts';

const RECORDED: RecordedError = {
  spanContext: undefined,
  parentSpanContext: undefined,
  message: 'boom',
  severity: 21,
  onlyLogged: false,
};
const ERROR = new Error('boom');
/** The types of `process.emit` leave this event out. */
const NODE: EventEmitter = process;

/** Node announces an uncaught error to a recorder that is given it. */
function setUp(record: (error: unknown, options: RecordOptions) => RecordedError = () => RECORDED) {
  const recorded: unknown[] = [];
  const fatal: RecordedError[] = [];
  const facts: ProcessFacts = Object.assign(() => ({ 'process.uptime': 7 }), { stop: () => {} });
  const recorder: Pick<ErrorRecorder, 'record'> = {
    record: (error, options) => {
      recorded.push([error, options]);
      return record(error, options);
    },
  };
  const stop = recordUncaughtErrors({ recorder, facts, onFatal: (what) => fatal.push(what) });
  return {
    recorded,
    fatal,
    stop,
    announce: () => NODE.emit('uncaughtExceptionMonitor', ERROR, 'unhandledRejection'),
  };
}

describe('recordUncaughtErrors', () => {
  const stops: (() => void)[] = [];
  // The test runner listens for uncaught errors: with that, none of them would end the process.
  let others: NodeJS.UncaughtExceptionListener[];
  beforeEach(() => {
    others = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
  });
  afterEach(() => {
    for (const stop of stops.splice(0)) stop();
    for (const listener of others) process.on('uncaughtException', listener);
  });

  it('records the error that ends the process, with the state of the process', () => {
    const { recorded, fatal, stop, announce } = setUp();
    stops.push(stop);
    announce();
    const attributes = { 'swansong.exception.origin': 'unhandledRejection', 'process.uptime': 7 };
    expect([recorded, fatal]).toEqual([[[ERROR, { severity: 'FATAL', attributes }]], [RECORDED]]);
  });

  it.each([
    [
      'a listener',
      () => {
        const listener = () => {};
        process.on('uncaughtException', listener);
        return () => void process.off('uncaughtException', listener);
      },
    ],
    [
      'a capture callback',
      () => {
        process.setUncaughtExceptionCaptureCallback(() => {});
        return () => process.setUncaughtExceptionCaptureCallback(null);
      },
    ],
  ])('records an error that the process survives by %s', (_title, handle) => {
    const { recorded, fatal, stop, announce } = setUp();
    stops.push(stop, handle());
    announce();
    const attributes = { 'swansong.exception.origin': 'unhandledRejection' };
    expect([recorded, fatal]).toEqual([[[ERROR, { severity: 'ERROR', attributes }]], []]);
  });

  it('tells of a failure of its own and throws nothing, since that would change the exit code', () => {
    const failure = new Error('no recorder');
    const told = vi.spyOn(diag, 'error').mockReturnValue();
    stops.push(() => told.mockRestore());
    const { fatal, stop, announce } = setUp(() => {
      throw failure;
    });
    stops.push(stop);
    announce();
    expect([told.mock.calls, fatal]).toEqual([[['an uncaught error could not be recorded', failure]], []]);
  });

  it('listens no longer once it has been stopped', () => {
    const before = process.listenerCount('uncaughtExceptionMonitor');
    const { recorded, stop, announce } = setUp();
    expect(process.listenerCount('uncaughtExceptionMonitor')).toBe(before + 1);
    stop();
    announce();
    expect([process.listenerCount('uncaughtExceptionMonitor'), recorded]).toEqual([before, []]);
  });
});

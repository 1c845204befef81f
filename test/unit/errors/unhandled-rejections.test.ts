import { afterEach, describe, expect, it, vi } from 'vitest';
import { ErrorRecorder } from '../../../src/errors/record-error.ts';
import { recordUnhandledRejections } from '../../../src/errors/unhandled-rejections.ts';
import { LiveSpans } from '../../../src/exit/live-spans.ts';
import { fakeProcess } from '../exit/fake-process.ts';

afterEach(() => vi.unstubAllGlobals());

function setUp(execArgv: readonly string[] = [], nodeOptions?: string, listensBefore = false) {
  const fake = fakeProcess((changed) => {
    if (listensBefore) changed.on('unhandledRejection', () => {});
  });
  const recorded: unknown[][] = [];
  const recorder = new ErrorRecorder({
    logger: { emit: () => {}, enabled: () => true },
    exceptionSignal: 'logs',
    unwound: () => undefined,
    spans: new LiveSpans(1),
  });
  vi.spyOn(recorder, 'record').mockImplementation((...parameters) => {
    recorded.push(parameters);
    return { spanContext: undefined, parentSpanContext: undefined, message: '', severity: 17, onlyLogged: false };
  });
  const emit: unknown = Reflect.get(fake, 'emit');
  const stop = recordUnhandledRejections({ recorder, execArgv, nodeOptions });
  return { fake, recorded, stop, isReplaced: () => Reflect.get(fake, 'emit') !== emit };
}

const OF_AN_ERROR = { severity: 'ERROR', attributes: { 'swansong.exception.origin': 'unhandledRejection' } };

describe('recordUnhandledRejections', () => {
  it.each<[readonly string[], string | undefined, boolean]>([
    [[], undefined, false],
    [[], '', false],
    [['--unhandled-rejections=throw'], undefined, false],
    [['--unhandled-rejections=strict'], undefined, false],
    [['--unhandled-rejections=warn'], undefined, true],
    [['--unhandled-rejections', 'none'], undefined, true],
    [['--unhandled-rejections=warn-with-error-code'], undefined, true],
    [[], '--max-old-space-size=100  --unhandled-rejections=warn', true],
    [['--unhandled-rejections=throw'], '--unhandled-rejections=warn', false],
    [['--unhandled-rejections=warn'], '--unhandled-rejections=throw', true],
    [['--unhandled-rejections=warn', '--unhandled-rejections=throw'], undefined, false],
  ])('with %j and NODE_OPTIONS %j watches from the start: %s', (execArgv, nodeOptions, watches) => {
    const { fake, recorded, isReplaced } = setUp(execArgv, nodeOptions);
    expect([isReplaced(), fake.listenerCount('newListener')]).toEqual([watches, watches ? 0 : 1]);
    fake.emit('unhandledRejection', 'reason');
    fake.emit('warning', 'another');
    expect(recorded).toEqual(watches ? [['reason', OF_AN_ERROR]] : []);
  });

  it('watches where the application listens already', () => {
    const { fake, recorded } = setUp([], undefined, true);
    fake.emit('unhandledRejection', 'reason');
    expect(recorded).toEqual([['reason', OF_AN_ERROR]]);
  });

  it('watches from when the application first listens, once, and never before', () => {
    const { fake, recorded, isReplaced } = setUp();
    fake.on('warning', () => {});
    expect(isReplaced()).toBe(false);
    fake.on('unhandledRejection', () => {});
    fake.on('unhandledRejection', () => {});
    fake.emit('unhandledRejection', 'reason');
    expect(recorded).toHaveLength(1);
  });

  it.each([[['--unhandled-rejections=warn']], [[]]])('puts everything back (%j)', (execArgv) => {
    const { fake, recorded, stop, isReplaced } = setUp(execArgv);
    stop();
    fake.on('unhandledRejection', () => {});
    fake.emit('unhandledRejection', 'reason');
    expect([recorded, isReplaced(), fake.listenerCount('newListener')]).toEqual([[], false, 0]);
  });
});

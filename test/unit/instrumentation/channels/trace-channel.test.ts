import { channel, tracingChannel } from 'node:diagnostics_channel';
import { context, diag, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import { describe, expect, it, vi } from 'vitest';
import type { EndOperation, Library, TracedSpan } from '../../../../src/instrumentation/channels/library.ts';
import { activeName, inRequest, instrument, recordedDurations, recordedSpans } from './recorded.ts';

const UNSET = { code: SpanStatusCode.UNSET };
const ERROR = { code: SpanStatusCode.ERROR };
let instrumented = 0;

/** A library of its own for each test, which publishes as a database's client does. */
function library(span?: Partial<TracedSpan>, overrides: Partial<Library> = {}) {
  instrumented += 1;
  const name = `library-${instrumented}`;
  instrument({
    name: 'pg',
    packageName: name,
    versions: '>=1',
    duration: { name: `${name}.duration` },
    channels: [
      {
        channel: name,
        span: {
          kind: SpanKind.CLIENT,
          describe: () => ({ name: 'query', attributes: { a: 1 }, measured: { b: 2 } }),
          ...span,
        },
      },
    ],
    ...overrides,
  });
  return { name, channel: tracingChannel<object, object>(name) };
}

const query = (parent = 'request') => ({
  name: 'query',
  kind: SpanKind.CLIENT,
  parent,
  attributes: { a: 1 },
  status: UNSET,
});

describe('an operation', () => {
  it('that settles a promise has a span and a duration, and runs in the context of its span', async () => {
    const { name, channel } = library();
    const seen: unknown[] = [];
    await inRequest('request', async () => {
      await channel.tracePromise(async () => {
        seen.push(activeName());
        await Promise.resolve();
        seen.push(activeName());
      }, {});
      seen.push(activeName());
    });
    expect({ seen, spans: recordedSpans(), durations: await recordedDurations() }).toEqual({
      seen: ['query', 'query', 'request'],
      spans: [query()],
      durations: [{ name: `${name}.duration`, attributes: { b: 2 }, count: 1 }],
    });
  });

  it('that calls back does it in the context of its caller, whoever has the connection', async () => {
    const { channel } = library();
    const seen: unknown[] = [];
    let answer = (_error: unknown, _result: unknown): void => {};
    await inRequest('first', () =>
      channel.traceCallback(
        (callback: typeof answer) => {
          answer = callback;
        },
        0,
        {},
        undefined,
        () => seen.push(activeName()),
      ),
    );
    await inRequest('second', () => {
      answer(null, 1);
      seen.push(activeName());
    });
    expect({ seen, spans: recordedSpans() }).toEqual({ seen: ['first', 'second'], spans: [query('first')] });
  });

  it('that is synchronous ends at once', async () => {
    const { channel } = library();
    await inRequest('request', () => channel.traceSync(() => undefined, {}));
    expect(recordedSpans()).toEqual([query()]);
  });

  it.each<[string, (channel: ReturnType<typeof library>['channel'], error: Error) => unknown]>([
    [
      'throws',
      (channel, error) =>
        channel.traceSync(() => {
          throw error;
        }, {}),
    ],
    ['rejects', (channel, error) => channel.tracePromise(() => Promise.reject(error), {})],
    [
      'throws where a promise was expected',
      (channel, error) =>
        channel.tracePromise(() => {
          throw error;
        }, {}),
    ],
    [
      'calls back with an error',
      (channel, error) =>
        new Promise((_resolve, reject) => {
          channel.traceCallback((callback: typeof reject) => callback(error), 0, {}, undefined, reject);
        }),
    ],
  ])('that %s has failed, and the application gets its error', async (_title, run) => {
    const { name, channel } = library();
    const error = Object.assign(new Error('of the application'), { code: 'E_OWN' });
    await expect(inRequest('request', () => run(channel, error))).rejects.toBe(error);
    expect({ spans: recordedSpans(), durations: await recordedDurations() }).toEqual({
      spans: [{ ...query(), attributes: { a: 1, 'error.type': 'E_OWN' }, status: ERROR }],
      durations: [{ name: `${name}.duration`, attributes: { b: 2, 'error.type': 'E_OWN' }, count: 1 }],
    });
  });

  it('says how it failed in the way of its library', async () => {
    const { channel } = library({
      failure: () => ({ attributes: { 'error.type': '42P01', code: 7 }, description: 'undefined table' }),
    });
    await expect(
      inRequest('request', () => channel.tracePromise(() => Promise.reject(new Error('!')), {})),
    ).rejects.toThrow('!');
    expect(recordedSpans()).toEqual([
      {
        ...query(),
        attributes: { a: 1, 'error.type': '42P01', code: 7 },
        status: { code: SpanStatusCode.ERROR, message: 'undefined table' },
      },
    ]);
  });

  it('tells what its result adds', async () => {
    const { channel } = library({
      outcome: (message) => ({ rows: 'result' in message ? String(message.result) : '' }),
    });
    await inRequest('request', () => channel.tracePromise(() => Promise.resolve(3), {}));
    expect(recordedSpans()).toEqual([{ ...query(), attributes: { a: 1, rows: '3' } }]);
  });

  it('that returns errors has failed if its library says so', async () => {
    const { name, channel } = library({
      failedResult: (message) =>
        'result' in message && message.result === 'errors' ? { attributes: { 'error.type': 'E' } } : undefined,
      outcome: () => ({ c: 3 }),
    });
    await inRequest('request', async () => {
      await channel.tracePromise(() => Promise.resolve('errors'), {});
      await channel.tracePromise(() => Promise.resolve('fine'), {});
    });
    expect({ spans: recordedSpans(), durations: await recordedDurations() }).toEqual({
      spans: [
        { ...query(), attributes: { a: 1, c: 3, 'error.type': 'E' }, status: ERROR },
        { ...query(), attributes: { a: 1, c: 3 } },
      ],
      durations: [
        { name: `${name}.duration`, attributes: { b: 2, 'error.type': 'E' }, count: 1 },
        { name: `${name}.duration`, attributes: { b: 2 }, count: 1 },
      ],
    });
  });

  it('that throws what its caller wanted has not failed', async () => {
    const { channel } = library({ failure: () => undefined });
    await expect(
      inRequest('request', () => channel.tracePromise(() => Promise.reject(new Error('aborted')), {})),
    ).rejects.toThrow('aborted');
    expect(recordedSpans()).toEqual([query()]);
  });

  it.each<[string, { error: unknown } | undefined, object]>([
    ['well', undefined, query()],
    [
      'badly',
      { error: new TypeError('!') },
      { ...query(), attributes: { a: 1, 'error.type': 'TypeError' }, status: ERROR },
    ],
  ])('that returns a stream ends when the stream does: %s', async (_title, thrown, expected) => {
    let end: EndOperation = () => {};
    const { channel } = library({ continues: () => true, started: (_message, ends) => (end = ends) });
    await inRequest('request', () => channel.tracePromise(() => Promise.resolve('stream'), {}));
    const early = recordedSpans();
    end(thrown);
    end();
    expect({ early, spans: recordedSpans() }).toEqual({ early: [], spans: [expected] });
  });

  it('may be of another kind than the others of its channel', async () => {
    const { channel } = library({ describe: () => ({ name: 'query', kind: SpanKind.INTERNAL, attributes: { a: 1 } }) });
    await inRequest('request', () => channel.traceSync(() => undefined, {}));
    expect(recordedSpans()).toEqual([{ ...query(), kind: SpanKind.INTERNAL }]);
  });

  it('gives its context to the receiver', async () => {
    const sent: object[] = [];
    const { channel } = library({
      propagate: (message, active) => sent.push({ message, span: trace.getSpanContext(active) }),
    });
    const message = { topic: 'a' };
    let inside: unknown;
    await inRequest('request', () =>
      channel.traceSync(() => {
        inside = trace.getActiveSpan()?.spanContext();
      }, message),
    );
    expect(sent).toEqual([{ message, span: inside }]);
  });
});

describe('no span, but a duration', () => {
  it.each([
    ['outside of a request', ROOT_CONTEXT],
    [
      'in a request that is not sampled',
      trace.setSpanContext(ROOT_CONTEXT, { traceId: '1'.repeat(32), spanId: '1'.repeat(16), traceFlags: 0 }),
    ],
  ])('%s', async (_title, parent) => {
    const { name, channel } = library();
    await context.with(parent, () => channel.tracePromise(() => Promise.resolve(), {}));
    expect({ spans: recordedSpans(), durations: await recordedDurations() }).toEqual({
      spans: [],
      durations: [{ name: `${name}.duration`, attributes: { b: 2 }, count: 1 }],
    });
  });

  it('nor that where tracing is suppressed', async () => {
    const { channel } = library();
    await context.with(suppressTracing(context.active()), () => channel.tracePromise(() => Promise.resolve(), {}));
    expect([recordedSpans(), await recordedDurations()]).toEqual([[], []]);
  });
});

describe('a span of', () => {
  it('a consumer may be a root, and may belong to its sender', async () => {
    const { channel } = library({ mayBeRoot: true });
    await channel.tracePromise(() => Promise.resolve(), {});
    const sender = { traceId: '2'.repeat(32), spanId: '3'.repeat(16), traceFlags: 1, isRemote: true };
    const receiving = library({
      mayBeRoot: true,
      describe: () => ({ name: 'receive', attributes: {}, parent: trace.setSpanContext(ROOT_CONTEXT, sender) }),
    });
    let inside: unknown;
    await inRequest('poll', () =>
      receiving.channel.tracePromise(async () => {
        inside = trace.getActiveSpan()?.spanContext().traceId;
      }, {}),
    );
    expect({ inside, spans: recordedSpans() }).toMatchObject({
      inside: sender.traceId,
      spans: [
        { name: 'query', parent: undefined },
        { name: 'receive', parent: 'a span that has not ended' },
      ],
    });
  });

  it('an operation that is published without its function has the parent of its caller', async () => {
    const { name } = library();
    const message = {};
    await inRequest('request', () => {
      channel(`tracing:${name}:start`).publish(message);
      channel(`tracing:${name}:end`).publish(message);
      channel(`tracing:${name}:asyncEnd`).publish(message);
      channel(`tracing:${name}:asyncEnd`).publish(message);
    });
    expect(recordedSpans()).toEqual([query()]);
  });
});

it('after waiting, the context is that of the one who waited', async () => {
  const { channel } = library(undefined, { channels: [{ channel: 'pool:connect' }] });
  expect(channel.hasSubscribers).toBe(false);
  const seen: unknown[] = [];
  let give = (_error: unknown): void => {};
  await inRequest('first', () =>
    tracingChannel('pool:connect').traceCallback(
      (callback: typeof give) => {
        give = callback;
      },
      0,
      {},
      undefined,
      () => seen.push(activeName()),
    ),
  );
  await inRequest('second', () => give(null));
  expect({ seen, spans: recordedSpans() }).toEqual({ seen: ['first'], spans: [] });
});

describe('a fault of ours is logged, and nothing of the application changes:', () => {
  const fail = (): never => {
    throw new Error('a fault');
  };

  it.each<[string, Partial<TracedSpan>]>([
    ['describe', { describe: fail }],
    ['outcome', { outcome: fail }],
    ['propagate', { propagate: fail }],
  ])('in %s', async (_title, span) => {
    const error = vi.spyOn(diag, 'error');
    const { channel } = library(span);
    const seen: unknown[] = [];
    await inRequest('request', async () => {
      seen.push(await channel.tracePromise(() => Promise.resolve('result'), {}));
      seen.push(activeName());
    });
    expect({ seen, told: error.mock.calls.length > 0 }).toEqual({ seen: ['result', 'request'], told: true });
    error.mockRestore();
  });

  it('in describe, where the callback comes in the context of another request', async () => {
    const error = vi.spyOn(diag, 'error');
    const { channel } = library({ describe: fail });
    const seen: unknown[] = [];
    let answer = (_error: unknown): void => {};
    await inRequest('first', () =>
      channel.traceCallback(
        (callback: typeof answer) => {
          answer = callback;
        },
        0,
        {},
        undefined,
        () => seen.push(activeName()),
      ),
    );
    await inRequest('second', () => answer(null));
    expect({ seen, spans: recordedSpans(), told: error.mock.calls.length }).toEqual({
      seen: ['first'],
      spans: [],
      told: 1,
    });
    error.mockRestore();
  });

  it('in failure', async () => {
    const error = vi.spyOn(diag, 'error');
    const { channel } = library({ failure: fail });
    await expect(
      inRequest('request', () => channel.tracePromise(() => Promise.reject(new Error('own')), {})),
    ).rejects.toThrow('own');
    expect({ spans: recordedSpans(), told: error.mock.calls.length }).toMatchObject({
      spans: [{ name: 'query' }],
      told: 1,
    });
    error.mockRestore();
  });
});

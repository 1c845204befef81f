import { diag } from '@opentelemetry/api';
import { TracerProvider } from '@opentelemetry/sdk-trace';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { createDiagLogger } from '../../../src/sdk/diag-logger.ts';

vi.mock(import('../../../src/clock/clock.ts'), () => import('../../support/mockable-clock.ts'));

function errorAt(place: string): Error {
  return Object.assign(new Error('boom'), { stack: `Error: boom\n    at f (${place})` });
}

/** As the SDK's error handler writes it. */
function json(message: string, place: string): string {
  return JSON.stringify({ stack: `Error: ${message}\n    at f (${place})`, message, name: 'Error' });
}

describe('createDiagLogger', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  function setUp() {
    const lines: string[] = [];
    return { lines, logger: createDiagLogger((line) => void lines.push(line)) };
  }

  it('says who speaks and writes all it is given', () => {
    const { lines, logger } = setUp();
    logger.warn('@opentelemetry/sdk', 'dropped', 3, { of: 'four' });
    expect(lines).toEqual(["swansong: @opentelemetry/sdk dropped 3 { of: 'four' }"]);
  });

  it('writes the same words, numbers aside, once a minute', () => {
    const { lines, logger } = setUp();
    for (let i = 0; i < 1000; i += 1) logger.warn(`Dropped ${i} events`);
    logger.error('something else');
    expect(lines).toEqual(['swansong: Dropped 0 events', 'swansong: something else']);
    vi.advanceTimersByTime(60_000);
    logger.warn('Dropped 5 events');
    expect(lines).toHaveLength(3);
  });

  it('writes what the SDK says of spans that have ended once a minute, not per span', () => {
    const { lines, logger } = setUp();
    diag.setLogger(logger);
    onTestFinished(() => diag.disable());
    const tracer = new TracerProvider().getTracer('test');
    for (const name of ['GET /a', 'GET /b {c}', 'resolve page\ncomponents', "it's"]) {
      const span = tracer.startSpan(name);
      span.end();
      span.setAttribute('a', 1);
      span.updateName('later');
      span.end();
    }
    const kinds = lines.map((line) => line.split('\n', 1)[0]);
    expect(kinds).toEqual([
      expect.stringMatching(/^swansong: Cannot execute the operation on ended Span \{traceId: \w+, spanId: \w+\}/),
      expect.stringMatching(/^swansong: GET \/a \w{32}-\w{16} - You can only call end\(\) on a span once\.$/),
    ]);
  });

  it.each<[string, readonly unknown[], readonly unknown[]]>([
    ['ids', ['request 4bf92f3577b34da6 failed'], ['request 00f067aa0ba902b7 failed']],
    ['short ids', ['job deadbee1'], ['job 0badcafe']],
    ['UUIDs', ['id f81d4fae-7dec-11d0-a765-00a0c91e6bf6'], ['id 0b0e4c1a-0000-4abc-8def-abcdefabcdef']],
    ['ids in base64', ['id V1StGXR8_Z5jdHi6B-myT'], ['id 8Q2l-FL9vTnXbG_hYkPzU']],
    ['addresses', ['connect ECONNREFUSED 10.0.0.1:4318'], ['connect ECONNREFUSED 10.0.0.2:51']],
    ['what is quoted', ['dropping "a\\"b" now'], ['dropping "c" now']],
    ['what is quoted otherwise', ["type of 'a' and `b`"], ["type of 'c' and `d`"]],
    ['objects', ['dropped', { a: 1 }], ['dropped', { b: [2] }]],
    ['objects in the text', ['dropped { a: { b: 1 } }'], ['dropped { c: 2 }']],
    ['arrays in the text', ['dropped [ 1, 2 ]'], ['dropped [ x ]']],
    ['stacks', ['failed', errorAt('a.js:1:2')], ['failed', errorAt('b.js:3:4')]],
    ['stacks in the text', ['Error: x\n    at a (a.js:1:2)'], ['Error: x\n    at b (b.js:3:4)']],
    ['errors as JSON', [json('boom', 'a.js:1:2')], [json('boom', 'b.js:3:4')]],
    ['values of placeholders', ['%s of %d', 'words', 1], ['%s of %d', 'words', 2]],
  ])('takes messages that differ by %s only for one', (_title, first, second) => {
    const { lines, logger } = setUp();
    for (const [message, ...args] of [first, second]) logger.warn(String(message), ...args);
    expect(lines).toHaveLength(1);
  });

  it.each<[string, readonly unknown[], readonly unknown[]]>([
    ['words', ['deadbeef is a word'], ['facade is a word']],
    ['the words around what is quoted', ['no "a" here'], ['no "a" there']],
    ["words between apostrophes that don't quote", ["it can't read, it doesn't"], ["it can't write, it doesn't"]],
    ['the message of an error', ['failed', new Error('a')], ['failed', new Error('b')]],
    ['the message of an error as JSON', [json('boom', 'a')], [json('bang', 'a')]],
    ['the class of an error', ['failed', new RangeError('a')], ['failed', new TypeError('a')]],
    ['a text after the first', ['component', 'starts'], ['component', 'ends']],
  ])('tells messages apart that differ by %s', (_title, first, second) => {
    const { lines, logger } = setUp();
    for (const [message, ...args] of [first, second]) logger.warn(String(message), ...args);
    expect(lines).toHaveLength(2);
  });

  it('remembers no more than a hundred lines', () => {
    const { lines, logger } = setUp();
    const name = (i: number) => 'x'.repeat(i + 1);
    for (let i = 0; i < 200; i += 1) logger.warn(name(i));
    logger.warn(name(199));
    expect(lines).toHaveLength(200);
    logger.warn(name(0));
    expect(lines).toHaveLength(201);
  });

  it('writes every line of debugging', () => {
    const { lines, logger } = setUp();
    logger.debug('again');
    logger.debug('again');
    expect(lines).toHaveLength(2);
  });
});

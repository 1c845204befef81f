import { Console } from 'node:console';
import { PassThrough } from 'node:stream';
import { trace } from '@opentelemetry/api';
import { expect, it } from 'vitest';
import { recordConsole } from '../../../../src/instrumentation/logs/console.ts';
import { lines, recordedLines, recordedOrigins, recorder } from './recorded-lines.ts';

recordConsole(lines);
const stream = new PassThrough();
const output = new Console(stream);

it('records what is logged as it is printed, in the context of the caller', () => {
  output.debug('d');
  output.log('%s has %d', 'tea', 7, { a: { b: { c: {} } } });
  output.info();
  const spanId = trace.getTracer('test').startActiveSpan('request', (span) => {
    output.warn('w');
    return span.spanContext().spanId;
  });
  output.error('e');
  expect(recordedLines()).toEqual([
    { severity: 'debug 5', body: 'd', attributes: {} },
    { severity: 'log 9', body: 'tea has 7 { a: { b: { c: {} } } }', attributes: {} },
    { severity: 'info 9', body: '', attributes: {} },
    { severity: 'warn 13', body: 'w', attributes: {} },
    { severity: 'error 17', body: 'e', attributes: {} },
  ]);
  expect(recordedOrigins()[3]).toEqual(['swansong/console', spanId]);
  expect(String(stream.read())).toBe('d\ntea has 7 { a: { b: { c: {} } } }\n\nw\ne\n');
});

it('an error among the arguments becomes exception.*, once', () => {
  const error = new TypeError('no tea');
  output.error('failed:', error);
  output.error('failed:', error);
  recorder.record(error, { severity: 'ERROR' });
  const body = `failed: ${error.stack}`;
  expect(recordedLines()).toEqual([
    {
      severity: 'error 17',
      body,
      attributes: {
        'exception.type': 'TypeError',
        'exception.message': 'no tea',
        'exception.stacktrace': error.stack,
      },
    },
    { severity: 'error 17', body, attributes: {} },
  ]);
});

it('what is logged while a line is being formatted for the record is no record', () => {
  const inspected = {
    [Symbol.for('nodejs.util.inspect.custom')]() {
      output.log('inside');
      return 'shown';
    },
  };
  output.log(inspected);
  // The second comes from Node, which formats it for the stream.
  expect(recordedLines()).toEqual(['shown', 'inside'].map((body) => ({ severity: 'log 9', body, attributes: {} })));
});

it('methods that print by others are recorded as those', () => {
  output.assert(false, 'not so');
  output.group('group');
  output.table([{ a: 1 }]);
  output.dir({ secret: 1 });
  expect(recordedLines()).toMatchObject([
    { severity: 'warn 13', body: 'Assertion failed: not so' },
    { severity: 'log 9', body: 'group' },
    { severity: 'log 9', body: expect.stringContaining('(index)') },
  ]);
});

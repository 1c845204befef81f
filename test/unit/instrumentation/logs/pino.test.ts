import { type DiagLogger, diag, DiagLogLevel, trace } from '@opentelemetry/api';
import { pino, type LoggerOptions } from 'pino';
import { afterEach, expect, it, vi } from 'vitest';
import { recordPino } from '../../../../src/instrumentation/logs/pino.ts';
import { lines, recordedLines, recordedOrigins, recordedTimes, recorder } from './recorded-lines.ts';

recordPino(lines);
afterEach(() => diag.disable());

let written = '';

/** A logger, and what it writes. Lines without a time can be compared. */
function createLogger(options: LoggerOptions = {}) {
  written = '';
  return pino({ timestamp: false, ...options }, { write: (line: string) => void (written += line) });
}

const info = (body: unknown, attributes: object = {}): unknown => ({ severity: 'info 9', body, attributes });

it('records a line: its message, its fields and its level, in the context of the caller', () => {
  const log = createLogger({ name: 'shop', level: 'trace' }).child({ order: { id: 7, tags: ['a', null, 1.5] } });
  log.trace('t');
  log.debug('d %s', 1);
  const spanId = trace.getTracer('test').startActiveSpan('request', (span) => {
    log.info({ user: 'x', nothing: null }, 'i');
    return span.spanContext().spanId;
  });
  log.warn('w');
  log.error('e');
  log.fatal({ message: 'a field' });
  const fields = { name: 'shop', order: { id: 7, tags: ['a', null, 1.5] } };
  expect(recordedLines()).toEqual([
    { severity: 'trace 1', body: 't', attributes: fields },
    { severity: 'debug 5', body: 'd 1', attributes: fields },
    { severity: 'info 9', body: 'i', attributes: { ...fields, user: 'x', nothing: null } },
    { severity: 'warn 13', body: 'w', attributes: fields },
    { severity: 'error 17', body: 'e', attributes: fields },
    { severity: 'fatal 21', body: undefined, attributes: { ...fields, message: 'a field' } },
  ]);
  const without = ['swansong/pino', undefined];
  expect(recordedOrigins()).toEqual([without, without, ['swansong/pino', spanId], without, without, without]);
});

it('nothing is recorded below the level of the logger', () => {
  createLogger().debug({ secret: 1 }, 'not written');
  createLogger({ enabled: false }).fatal('not written');
  expect(recordedLines()).toEqual([]);
});

it.each<[string, LoggerOptions, number, string]>([
  ['between two levels', { customLevels: { notice: 35 } }, 11, 'notice'],
  ['above all', { customLevels: { notice: 70 } }, 24, 'notice'],
  ['below all', { customLevels: { notice: 1 }, level: 'notice' }, 1, 'notice'],
  ['of its name', { customLevels: { error: 3 }, useOnlyCustomLevels: true, level: 'error' }, 17, 'error'],
])('a level %s', (_title, options, number, name) => {
  const log = createLogger(options);
  const method: unknown = Reflect.get(log, name);
  if (typeof method === 'function') method.call(log, 'hello');
  expect(recordedLines()).toEqual([{ severity: `${name} ${number}`, body: 'hello', attributes: {} }]);
});

it.each<[string, LoggerOptions, unknown]>([
  ['messageKey', { messageKey: 'text' }, info('hello', { a: 1 })],
  ['nestedKey', { nestedKey: 'payload' }, info('hello', { payload: { a: 1 } })],
  ['base: null', { base: null }, info('hello', { a: 1 })],
  ['base', { base: { pid: 1, hostname: 'other' } }, info('hello', { pid: 1, hostname: 'other', a: 1 })],
  ['mixin', { mixin: () => ({ b: 2 }) }, info('hello', { a: 1, b: 2 })],
  ['msgPrefix', { msgPrefix: '[x] ' }, info('[x] hello', { a: 1 })],
  ['formatters.log', { formatters: { log: ({ a }) => ({ A: a }) } }, info('hello', { A: 1 })],
  [
    'formatters.level, as text',
    { formatters: { level: (label) => ({ level: label.toUpperCase() }) } },
    info('hello', { a: 1 }),
  ],
  [
    'formatters.level',
    { formatters: { level: (severity) => ({ severity }) } },
    info('hello', { severity: 'info', a: 1 }),
  ],
  ['serializers', { serializers: { a: (value: unknown) => `<${String(value)}>` } }, info('hello', { a: '<1>' })],
  ['crlf', { crlf: true }, info('hello', { a: 1 })],
  ['hooks.streamWrite', { hooks: { streamWrite: (line) => line.replace('hello', '***') } }, info('***', { a: 1 })],
])('with the option %s', (_name, options, expected) => {
  createLogger(options).info({ a: 1 }, 'hello');
  expect(recordedLines()).toEqual([expected]);
});

it.each<[string, LoggerOptions, string]>([
  ['hooks.streamWrite', { hooks: { streamWrite: () => 'INFO hello\n' } }, 'INFO hello'],
  ['formatters.level', { base: null, formatters: { level: () => ({}) } }, '{,"a":1,"msg":"hello"}'],
  ['hooks.streamWrite with JSON that is no object', { hooks: { streamWrite: () => '["hello"]\n' } }, '["hello"]'],
])('a line that is not JSON, by %s, is the body', (_name, options, body) => {
  createLogger(options).info({ a: 1 }, 'hello');
  expect(recordedLines()).toEqual([info(body)]);
});

it.each<[string, () => string, number]>([
  ['in milliseconds', () => ',"time":1700000000123', 1_700_000_000_123],
  ['in seconds', () => ',"time":1700000000', 1_700_000_000_000],
  ['in ISO 8601', () => ',"@timestamp":"2023-11-14T22:13:20.123456Z"', 1_700_000_000_123],
])('a time %s', (_title, timestamp, expected) => {
  createLogger({ timestamp }).info('hello');
  expect([recordedLines(), recordedTimes()]).toEqual([[info('hello')], [expected]]);
});

it.each<[string, () => string, object]>([
  ['of the epoch', () => ',"time":0', { time: 0 }],
  ['in words', () => ',"time":"noon"', { time: 'noon' }],
])('what is no time stays a field: %s', (_title, timestamp, fields) => {
  const before = Date.now();
  createLogger({ timestamp }).info('hello');
  expect(recordedLines()).toEqual([info('hello', fields)]);
  expect(recordedTimes()[0]).toBeGreaterThanOrEqual(before);
});

it('the seconds of unixTime are no less exact than the clock', () => {
  const before = Date.now();
  createLogger({ timestamp: pino.stdTimeFunctions.unixTime }).info('hello');
  expect(recordedLines()).toEqual([info('hello')]);
  expect(recordedTimes()[0]).toBeGreaterThanOrEqual(before);
});

const SECRET = 'hunter2';

it.each<[string, LoggerOptions]>([
  [
    'paths',
    { redact: ['password', 'deep.password', 'list[*].password', 'err.password', 'err.message', 'err.stack', 'error'] },
  ],
  ['remove', { redact: { paths: ['password', 'deep', 'list', 'err', 'error'], remove: true } }],
  ['wildcard', { redact: ['*.password', 'password', 'list[*].password', 'err', 'error'] }],
  ['censor', { redact: { paths: ['password', 'deep', 'list', 'err', 'error'], censor: () => '#' } }],
  [
    'serializers',
    { serializers: { password: () => '#', deep: () => '#', list: () => [], err: () => '#', error: () => '#' } },
  ],
])('what is redacted by %s is nowhere in the record', (_title, options) => {
  const error = Object.assign(new Error(`wrong ${SECRET}`), { password: SECRET });
  const fields = { password: SECRET, deep: { password: SECRET }, list: [{ password: SECRET }], err: error, error };
  createLogger(options).child({ password: SECRET }).error(fields, 'failed');
  expect(written).not.toContain(SECRET);
  expect(recordedLines()).toHaveLength(1);
  expect(JSON.stringify(recordedLines())).not.toContain(SECRET);
});

it('an error becomes exception.*, with what else the line has of it', () => {
  const log = createLogger();
  const error = Object.assign(new TypeError('no tea', { cause: new Error('no water') }), { code: 'E_TEA' });
  log.error(error);
  const { message, stack } = pino.stdSerializers.err(error);
  expect(recordedLines()).toEqual([
    {
      severity: 'error 17',
      body: 'no tea',
      attributes: {
        err: { code: 'E_TEA' },
        'exception.type': 'TypeError',
        'exception.message': message,
        'exception.stacktrace': stack,
      },
    },
  ]);
});

it.each<[string, LoggerOptions, object]>([
  ['errorKey', { errorKey: 'problem' }, { problem: new Error('x') }],
  ['a serializer for error', { serializers: { error: pino.stdSerializers.err } }, { error: new Error('x') }],
  ['nestedKey', { nestedKey: 'payload' }, { err: new Error('x') }],
])('an error by %s', (_title, options, fields) => {
  createLogger({ ...options }).error(fields, 'failed');
  expect(recordedLines()).toEqual([
    {
      severity: 'error 17',
      body: 'failed',
      attributes: {
        ...('nestedKey' in options ? { payload: {} } : {}),
        'exception.type': 'Error',
        'exception.message': 'x',
        'exception.stacktrace': expect.stringContaining('Error: x'),
      },
    },
  ]);
});

it('an error that has been told of is shown without its stack', () => {
  const error = new RangeError('once');
  const log = createLogger();
  trace.getTracer('test').startActiveSpan('request', () => {
    recorder.record(error, { severity: 'ERROR' });
    log.fatal({ err: error, a: 1 }, 'giving up');
  });
  expect(recordedLines()).toEqual([
    expect.objectContaining({ severity: 'ERROR 17' }),
    { severity: 'fatal 21', body: 'giving up', attributes: { a: 1, err: { type: 'RangeError', message: 'once' } } },
  ]);
});

it('a failure is one message, even if that is logged by pino, and no line of the application is lost', () => {
  const log = createLogger({ base: null });
  const messages: string[] = [];
  const logger: DiagLogger = {
    error(message) {
      messages.push(message);
      log.error(message);
    },
    warn() {},
    info() {},
    debug() {},
    verbose() {},
  };
  diag.setLogger(logger, { logLevel: DiagLogLevel.ERROR, suppressOverrideMessage: true });
  const broken = vi.spyOn(lines, 'emit').mockImplementation(() => {
    throw new Error('broken on purpose');
  });
  log.info('hello');
  broken.mockRestore();
  expect(messages).toEqual(['a line of pino could not be recorded']);
  expect(written).toBe('{"level":50,"msg":"a line of pino could not be recorded"}\n{"level":30,"msg":"hello"}\n');
});

it('a serializer that throws is the failure of the caller', () => {
  const log = createLogger({
    serializers: {
      a() {
        throw new Error('of the application');
      },
    },
  });
  expect(() => log.info({ a: 1 }, 'hello')).toThrow('of the application');
  expect(recordedLines()).toEqual([]);
});

it('a long message loses its middle', () => {
  createLogger().info('x'.repeat(100_000));
  expect(recordedLines()).toEqual([info(expect.stringMatching(/^x+ \[\.\.\. \d+ characters not shown \.\.\.\] x+$/))]);
});

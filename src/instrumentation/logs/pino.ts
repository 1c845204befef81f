import { unixMillis } from '../../clock/clock.ts';
import { isErrorLike } from '../../errors/exception-read.ts';
import { isObject } from '../../values/is-object.ts';
import { read } from '../../values/read.ts';
import { subscribe } from '../subscribe.ts';
import { timeKeyIn } from './line-time.ts';
import { type LogLine, loggerOf, type LogLines } from './log-lines.ts';
import type { LoggedError } from './logged-error.ts';
import { type PinoLine, readPinoLine } from './pino-line.ts';
import { keysOf, severityIn, writtenLine } from './pino-logger.ts';
import type { Severity } from './severity.ts';

/** Arguments of pino's function that makes a line of a call: the fields, the message, the level, the time. */
const FIELDS = '0';
const LEVEL = '2';
const TIME = '3';

/**
 * Lines of pino, which says on a channel (9.10 and later) that one is finished. All that is recorded comes from that line: the
 * object that was logged has what the line has not (`redact`, serializers), and is only asked which error it has.
 */
export function recordPino(lines: LogLines): void {
  const logger = loggerOf('pino');
  subscribe('tracing:pino_asJson:end', (message) => {
    lines.guard('pino', () => {
      const line = logLine(message, lines);
      if (line !== undefined) lines.emit(logger, line);
    });
  });
}

function logLine(message: object, lines: LogLines): LogLine | undefined {
  const logger = read(message, 'instance');
  const finished = read(message, 'result');
  // There is none if a serializer threw: the application has that error.
  if (typeof finished !== 'string' || !isObject(logger)) return undefined;
  const args = read(message, 'arguments');
  const level = read(args, LEVEL);
  const severity = severityIn(logger, level);
  const keys = { ...keysOf(logger), time: timeKeyIn(read(args, TIME)) };
  const written = writtenLine(logger, finished);
  const line = readPinoLine(written, { number: level, label: severity.severityText }, keys, unixMillis());
  if (line.error !== undefined)
    tellOfError(line, line.error, read(read(args, FIELDS), line.error.key), severity, lines);
  const { body, timestamp, fields } = line;
  return { ...severity, body, attributes: fields, ...(timestamp === undefined ? {} : { timestamp }) };
}

/** @param original the error itself; one that is logged as something else cannot be recognised */
function tellOfError(
  { fields, fieldsOfCall }: PinoLine,
  { key, exception, rest, short }: LoggedError,
  original: unknown,
  severity: Severity,
  lines: LogLines,
): void {
  const isFirst = !isErrorLike(original) || lines.isNew(original, severity);
  const left = isFirst ? rest : short;
  if (Object.keys(left).length === 0) Reflect.deleteProperty(fieldsOfCall, key);
  else fieldsOfCall[key] = left;
  if (isFirst) Object.assign(fields, exception);
}

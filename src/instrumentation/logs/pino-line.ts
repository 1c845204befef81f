import { hostname } from 'node:os';
import type { AnyValue } from '@opentelemetry/api';
import { lineTime } from './line-time.ts';
import { errorIn, type Fields, isFields, type LoggedError } from './logged-error.ts';
import type { PinoKeys } from './pino-logger.ts';

/** What a finished line has, redacted, by the serializers and formatters of the application. */
export interface PinoLine {
  readonly body: AnyValue;
  /** Milliseconds since 1970; undefined if the line has no time. */
  readonly timestamp: number | undefined;
  readonly error: LoggedError | undefined;
  /** All the rest, but for what is the same in each line: the resource has the process and its host. */
  readonly fields: Fields;
  /** What the error is in: `fields`, or what is nested in it. */
  readonly fieldsOfCall: Fields;
}

export interface PinoLineKeys extends PinoKeys {
  readonly time: string | undefined;
}

interface Level {
  readonly number: unknown;
  readonly label: string;
}

const HOST = hostname();

/** A line that is no object in JSON (a formatter may write what it likes) is the body as it is. */
export function readPinoLine(line: string, level: Level, keys: PinoLineKeys, now: number): PinoLine {
  const parsed = parse(line);
  const fields: Fields = {};
  if (parsed === undefined)
    return { body: line.trimEnd(), timestamp: undefined, error: undefined, fields, fieldsOfCall: fields };
  let timestamp: number | undefined;
  for (const [key, value] of Object.entries(parsed)) {
    if (key === keys.message) continue;
    if (key === keys.time) {
      timestamp = lineTime(value, now);
      if (timestamp !== undefined) continue;
    }
    if (key === 'level' && isLevel(value, level)) continue;
    if ((key === 'pid' && value === process.pid) || (key === 'hostname' && value === HOST)) continue;
    fields[key] = value;
  }
  const nested = keys.nested === undefined ? undefined : fields[keys.nested];
  const fieldsOfCall = isFields(nested) ? nested : fields;
  return { body: parsed[keys.message], timestamp, error: errorIn(fieldsOfCall, keys.error), fields, fieldsOfCall };
}

/** A formatter may write the label in place of the number. */
function isLevel(value: AnyValue, { number, label }: Level): boolean {
  return value === number || (typeof value === 'string' && value.toLowerCase() === label.toLowerCase());
}

function parse(line: string): Fields | undefined {
  try {
    const parsed: unknown = JSON.parse(line);
    return isFields(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

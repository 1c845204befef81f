import { context, type Histogram, type Meter, SpanKind, trace, type Tracer } from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';
import { unixMillis } from '../../clock/clock.ts';
import { read, readText } from '../../values/read.ts';
import { subscribe } from '../subscribe.ts';
import { DATABASE_DURATION } from './database-duration.ts';
import type { Library } from './library.ts';
import { SQLITE as DIALECT } from './sql/sql-dialect.ts';
import { sqlOperation } from './sql/sql-operation.ts';
import { statementReader } from './sql/statement.ts';

const CHANNEL = 'sqlite.db.query';

/** Node publishes once, when a statement has ended, with its values in the text: there is no context to bind, and no failure to see. */
function observe(tracer: Tracer, meter: Meter): void {
  const statementOf = statementReader(DIALECT);
  let durations: Histogram | undefined;
  subscribe(CHANNEL, (message) => {
    const caller = context.active();
    if (isTracingSuppressed(caller)) return;
    const { name, attributes, measured } = sqlOperation('sqlite', statementOf(readText(message, 'sql') ?? ''), {});
    const nanos = read(message, 'duration');
    const millis = typeof nanos === 'number' ? nanos / 1e6 : 0;
    if (trace.getSpan(caller)?.isRecording() === true) {
      // A span with a given start has times of whole milliseconds, and most statements take less.
      const started = millis > 0 ? { startTime: unixMillis() - millis } : {};
      tracer.startSpan(name, { kind: SpanKind.CLIENT, attributes, ...started }, caller).end();
    }
    durations ??= meter.createHistogram(DATABASE_DURATION.name, DATABASE_DURATION);
    durations.record(millis / 1000, measured, caller);
  });
}

export const SQLITE: Library = {
  name: 'sqlite',
  packageName: 'node:sqlite',
  versions: '>=26',
  channels: [],
  duration: DATABASE_DURATION,
  observation: { channels: [CHANNEL], start: observe },
};

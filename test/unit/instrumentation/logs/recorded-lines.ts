import { context, type Context, logs, trace } from '@opentelemetry/api';
import { InMemoryLogRecordExporter, LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
import { TracerProvider } from '@opentelemetry/sdk-trace';
import { beforeEach } from 'vitest';
import { ErrorRecorder } from '../../../../src/errors/record-error.ts';
import { UnwoundContextManager } from '../../../../src/errors/unwound-context.ts';
import { LogLines } from '../../../../src/instrumentation/logs/log-lines.ts';

/** The global API, with what is recorded kept in memory. */
const exporter = new InMemoryLogRecordExporter();
const contextManager = new UnwoundContextManager();
context.setGlobalContextManager(contextManager.enable());
trace.setGlobalTracerProvider(new TracerProvider({}));
logs.setGlobalLoggerProvider(
  new LoggerProvider({ processors: [new SimpleLogRecordProcessor({ exporter })], logRecordLimits: {} }),
);

export const recorder: ErrorRecorder = new ErrorRecorder({
  logger: logs.getLogger('swansong'),
  exceptionSignal: 'logs/dup',
  unwound: (): Context | undefined => contextManager.unwound,
  spans: { isLive: () => true, pathOf: (id) => (id === undefined ? [] : [id]) },
});
export const lines: LogLines = new LogLines(recorder);

/** What is of interest of each record. */
export function recordedLines(): unknown[] {
  return exporter.getFinishedLogRecords().map(({ severityNumber, severityText, body, attributes }) => ({
    severity: `${severityText} ${severityNumber}`,
    body,
    attributes,
  }));
}

/** Milliseconds since 1970. */
export function recordedTimes(): number[] {
  return exporter.getFinishedLogRecords().map(({ hrTime: [seconds, nanos] }) => seconds * 1000 + nanos / 1e6);
}

/** Scope and span of each record. */
export function recordedOrigins(): unknown[] {
  return exporter
    .getFinishedLogRecords()
    .map(({ instrumentationScope, spanContext }) => [instrumentationScope.name, spanContext?.spanId]);
}

beforeEach(() => exporter.reset());

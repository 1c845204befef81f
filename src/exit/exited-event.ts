import { type Attributes, type Logger, ROOT_CONTEXT, SeverityNumber } from '@opentelemetry/api';

/** Name of the last log record of a process. */
const EXITED_EVENT = 'swansong.process.exited';

/**
 * Says that the process has ended, and how: `process.exit.code`, `process.uptime` (s). It travels with other telemetry; a
 * process that has nothing else to say ends without a word, and without waiting for a backend.
 */
export function emitExitedEvent(logger: Logger, exitCode: number, attributes: Attributes = {}): void {
  logger.emit({
    eventName: EXITED_EVENT,
    timestamp: Date.now(),
    severityNumber: exitCode === 0 ? SeverityNumber.INFO : SeverityNumber.ERROR,
    severityText: exitCode === 0 ? 'INFO' : 'ERROR',
    body: `the process ended with exit code ${exitCode}`,
    attributes: { ...attributes, 'process.exit.code': exitCode, 'process.uptime': process.uptime() },
    // It belongs to the process, not to the request that happened to call process.exit().
    context: ROOT_CONTEXT,
  });
}

import { constants } from 'node:os';
import { isMainThread, threadId } from 'node:worker_threads';
import { type Attributes, type Logger, ROOT_CONTEXT, SeverityNumber } from '@opentelemetry/api';
import { clearTimeout, setTimeout, unixMillis } from '../clock/clock.ts';
import type { SignalCounts } from './flush-report.ts';

/**
 * Milliseconds after which `started` is recorded although there is no other telemetry. A shorter process without telemetry
 * records nothing, so it does not wait for a backend at its end.
 */
const RECORD_START_AFTER_MILLIS = 10_000;

export interface LifecycleOptions {
  readonly logger: Logger;
  readonly counts: () => SignalCounts;
}

interface Event {
  readonly name: 'started' | 'stopping' | 'stopped' | 'exited';
  readonly body: string;
  readonly timestamp?: number;
  readonly severity?: 'INFO' | 'ERROR';
  readonly attributes?: Attributes;
}

/**
 * Log records about the life of the process; names and attributes are documented in docs/lifecycle-events.md. In a
 * process without other telemetry only the delayed `started` is recorded.
 */
export class Lifecycle {
  readonly #options: LifecycleOptions;
  readonly #startedAt = unixMillis();
  readonly #uptimeAtStart = process.uptime();
  readonly #startTimer: NodeJS.Timeout;
  readonly #recorded = new Set<Event['name']>();

  constructor(options: LifecycleOptions) {
    this.#options = options;
    this.#startTimer = setTimeout(() => this.#started(), RECORD_START_AFTER_MILLIS);
    this.#startTimer.unref();
  }

  /** Cancels the delayed `started`. */
  cancel(): void {
    clearTimeout(this.#startTimer);
  }

  /** A shutdown has begun. @param reason of the caller; the name of a signal is recorded as the signal, too */
  stopping(reason: string | undefined): void {
    clearTimeout(this.#startTimer);
    if (!this.#hasTelemetry()) return;
    this.#started();
    this.#record({
      name: 'stopping',
      body: `the process is stopping${reason === undefined ? '' : `: ${reason}`}`,
      attributes: { ...reasonAttributes(reason), 'process.uptime': process.uptime() },
    });
  }

  /** Telemetry is about to be flushed for the last time. */
  stopped(reason: string | undefined): void {
    if (!this.#hasTelemetry()) return;
    const { exitCode } = process;
    this.#record({
      name: 'stopped',
      body: `the process has stopped${reason === undefined ? '' : `: ${reason}`}`,
      attributes: {
        ...reasonAttributes(reason),
        ...(typeof exitCode === 'number' ? { 'process.exit.code': exitCode } : {}),
        'process.uptime': process.uptime(),
        ...countAttributes(this.#options.counts()),
      },
    });
  }

  /** The process, or this worker thread, ends now. @param interrupted number of spans that were live */
  exited(exitCode: number, interrupted: number): void {
    this.#started();
    this.#record({
      name: 'exited',
      body: `the process ended with exit code ${exitCode}`,
      severity: exitCode === 0 ? 'INFO' : 'ERROR',
      attributes: {
        'process.exit.code': exitCode,
        'process.uptime': process.uptime(),
        ...countAttributes(this.#options.counts()),
        'swansong.spans.interrupted': interrupted,
      },
    });
  }

  #started(): void {
    this.#record({
      name: 'started',
      body: 'the process has started',
      timestamp: this.#startedAt,
      attributes: { 'process.uptime': this.#uptimeAtStart },
    });
  }

  #hasTelemetry(): boolean {
    return this.#recorded.size > 0 || Object.values(this.#options.counts()).some(({ accepted }) => accepted > 0);
  }

  /** Records each event once: `gracefulShutdown()` and `shutdown()` both call `stopping`. */
  #record({ name, body, timestamp = unixMillis(), severity = 'INFO', attributes }: Event): void {
    if (this.#recorded.has(name)) return;
    this.#recorded.add(name);
    this.#options.logger.emit({
      eventName: `swansong.process.${name}`,
      timestamp,
      severityNumber: SeverityNumber[severity],
      severityText: severity,
      body,
      attributes: { ...attributes, ...(isMainThread ? {} : { 'thread.id': threadId }) },
      // Not the context of the request that called process.exit(): the record belongs to no trace.
      context: ROOT_CONTEXT,
    });
  }
}

function reasonAttributes(reason: string | undefined): Attributes {
  if (reason === undefined) return {};
  return {
    'swansong.shutdown.reason': reason,
    ...(Object.hasOwn(constants.signals, reason) ? { 'swansong.shutdown.signal': reason } : {}),
  };
}

function countAttributes({ spans, logs }: SignalCounts): Attributes {
  const attributes: Attributes = {};
  for (const [noun, { accepted, delivered, dropped }] of [
    ['spans', spans],
    ['log_records', logs],
  ] as const) {
    attributes[`swansong.${noun}.accepted`] = accepted;
    attributes[`swansong.${noun}.delivered`] = delivered;
    attributes[`swansong.${noun}.dropped`] = Object.values(dropped).reduce((sum, count) => sum + count, 0);
  }
  return attributes;
}

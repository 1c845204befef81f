import { constants } from 'node:os';
import { isMainThread, threadId } from 'node:worker_threads';
import { type Attributes, type Logger, ROOT_CONTEXT, SeverityNumber } from '@opentelemetry/api';
import type { SignalCounts } from './flush-report.ts';

/**
 * Milliseconds after which a process that has said nothing yet says that it has started; one that ends before, and has
 * nothing else to tell, ends without a word and without waiting for a backend.
 */
const SPEAK_AFTER_MILLIS = 10_000;

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
 * What a process says of its own life, as log records; names and attributes are documented in docs/lifecycle-events.md. They
 * travel with other telemetry.
 */
export class Lifecycle {
  readonly #options: LifecycleOptions;
  readonly #startedAt = Date.now();
  readonly #uptimeAtStart = process.uptime();
  readonly #speak: NodeJS.Timeout;
  readonly #said = new Set<Event['name']>();

  constructor(options: LifecycleOptions) {
    this.#options = options;
    this.#speak = setTimeout(() => this.#started(), SPEAK_AFTER_MILLIS);
    this.#speak.unref();
  }

  /** Says nothing more by itself. */
  cancel(): void {
    clearTimeout(this.#speak);
  }

  /** A shutdown has begun. @param reason the caller's; where it is a signal's name, the signal is told apart */
  stopping(reason: string | undefined): void {
    clearTimeout(this.#speak);
    if (!this.#hasSpoken()) return;
    this.#started();
    this.#say({
      name: 'stopping',
      body: `the process is stopping${reason === undefined ? '' : `: ${reason}`}`,
      attributes: { ...reasonAttributes(reason), 'process.uptime': process.uptime() },
    });
  }

  /** Telemetry is about to be flushed for the last time. */
  stopped(reason: string | undefined): void {
    if (!this.#hasSpoken()) return;
    const { exitCode } = process;
    this.#say({
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

  /** The process, or this thread of it, ends now. @param interrupted spans that were open */
  exited(exitCode: number, interrupted: number): void {
    this.#started();
    this.#say({
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
    this.#say({
      name: 'started',
      body: 'the process has started',
      timestamp: this.#startedAt,
      attributes: { 'process.uptime': this.#uptimeAtStart },
    });
  }

  #hasSpoken(): boolean {
    return this.#said.size > 0 || Object.values(this.#options.counts()).some(({ accepted }) => accepted > 0);
  }

  /** Each event once: of two calls of `shutdown()` the first counts. */
  #say({ name, body, timestamp = Date.now(), severity = 'INFO', attributes }: Event): void {
    if (this.#said.has(name)) return;
    this.#said.add(name);
    this.#options.logger.emit({
      eventName: `swansong.process.${name}`,
      timestamp,
      severityNumber: SeverityNumber[severity],
      severityText: severity,
      body,
      attributes: { ...attributes, ...(isMainThread ? {} : { 'thread.id': threadId }) },
      // It belongs to the process, not to the request that happened to call process.exit().
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

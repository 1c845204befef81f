import { diag, type Logger } from '@opentelemetry/api';
import type { Config } from '../config/config.ts';
import { createProcessFacts } from '../errors/process-facts.ts';
import { ErrorRecorder, type RecordedError } from '../errors/record-error.ts';
import { recordUncaughtErrors } from '../errors/uncaught.ts';
import { recordUnhandledRejections } from '../errors/unhandled-rejections.ts';
import type { UnwoundContextManager } from '../errors/unwound-context.ts';
import { ExitDelivery } from '../exit/exit-delivery.ts';
import { LossReport } from '../exit/loss-report.ts';
import { onExit } from '../exit/on-exit.ts';
import type { Lifecycle } from '../shutdown/lifecycle.ts';
import type { SignalCounts } from '../shutdown/flush-report.ts';
import type { Sdk } from './node-sdk-configuration.ts';

export interface EndingsOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Path of the program that delivers when the process ends. */
  readonly exitWorker: string;
  readonly contextManager: UnwoundContextManager;
  readonly logger: Logger;
  readonly lifecycle: Lifecycle;
}

/** Record in the monitor, deliver on exit: the two places where a process tells that it ends. */
export function watchEndings(
  config: Config,
  sdk: Sdk,
  { env, exitWorker, contextManager, logger, lifecycle }: EndingsOptions,
): ErrorRecorder {
  let fatal: RecordedError | undefined;
  const ledger = new LossReport();
  const recorder = new ErrorRecorder({
    logger,
    exceptionSignal: config.exceptionSignal,
    unwound: () => contextManager.unwound,
  });
  let exited = false;
  let interrupted = 0;
  const delivery = new ExitDelivery({
    timeoutMillis: config.exitTimeoutMillis,
    worker: exitWorker,
    env,
    departures: sdk.departures,
    ledger,
    beforeDelivery(exitCode) {
      sdk.liftBounds();
      const late = sdk.late.settle();
      if (late !== '') diag.warn(late);
      interrupted += sdk.liveSpans.interrupt(fatal);
      if (exited) return;
      const counts = sdk.telemetry.counts();
      enterDropped(ledger, counts);
      if (Object.values(counts).every(({ waiting }) => waiting === 0)) return;
      exited = true;
      lifecycle.exited(exitCode, interrupted);
    },
    onLoss: (message) => diag.warn(message),
  });
  const exit = onExit({
    deliver: (exitCode) => delivery.deliver(exitCode),
    conclude: () => delivery.tell(),
    isFatal: () => fatal !== undefined,
    onDrained: () => sdk.collectLast(),
  });
  recordUncaughtErrors({
    recorder,
    facts: createProcessFacts(() => sdk.liveSpans.size),
    onFatal: (recorded) => {
      fatal = recorded;
      exit.onFatal();
    },
  });
  recordUnhandledRejections({ recorder, execArgv: process.execArgv, nodeOptions: env['NODE_OPTIONS'] });
  return recorder;
}

/** What was lost while the process lived belongs to the same line. */
function enterDropped(ledger: LossReport, { spans, logs: records, metrics }: SignalCounts): void {
  for (const [noun, { dropped }] of [
    ['spans', spans],
    ['log records', records],
    ['collections of metrics', metrics],
  ] as const) {
    for (const [reason, count] of Object.entries(dropped)) ledger.add(noun, count, reason);
  }
}

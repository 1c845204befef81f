import { type Context, diag, type Logger } from '@opentelemetry/api';
import type { Config } from '../config/config.ts';
import { createProcessFacts } from '../errors/process-facts.ts';
import { ErrorRecorder } from '../errors/record-error.ts';
import type { RecordedError } from '../errors/recorded-errors.ts';
import { recordUncaughtErrors } from '../errors/uncaught.ts';
import { recordUnhandledRejections } from '../errors/unhandled-rejections.ts';
import { ExitDelivery } from '../exit/exit-delivery.ts';
import { LossReport } from '../exit/loss-report.ts';
import { onExit } from '../exit/on-exit.ts';
import { exitWorkerProgram } from '../exit/worker-program.ts';
import type { SignalCounts } from '../shutdown/flush-report.ts';
import type { Lifecycle } from '../shutdown/lifecycle.ts';
import type { Composition } from './composition.ts';
import type { Undo } from './undo.ts';

export interface EndingsOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The context in which the error was thrown that is propagating now. */
  readonly unwound: () => Context | undefined;
  readonly logger: Logger;
  /** Called last of all at the end of the process. */
  readonly onEnd?: () => void;
  readonly lifecycle: Lifecycle;
  readonly undo: Undo;
}

export interface Endings {
  readonly recorder: ErrorRecorder;
  /** Stops the timers that wake an idle process; errors are still recorded. */
  readonly stopSampling: () => void;
}

/** Records errors in `uncaughtExceptionMonitor`, and delivers on `exit`. */
export function watchEndings(
  config: Config,
  composition: Composition,
  { env, unwound, logger, onEnd, lifecycle, undo }: EndingsOptions,
): Endings {
  const { liveSpans } = composition;
  let fatal: RecordedError | undefined;
  const losses = new LossReport();
  const recorder = new ErrorRecorder({ logger, exceptionSignal: config.exceptionSignal, unwound, spans: liveSpans });
  let exited = false;
  let interrupted = 0;
  const delivery = new ExitDelivery({
    timeoutMillis: config.exitTimeoutMillis,
    program: exitWorkerProgram(),
    env,
    exports: composition.finalExports,
    losses,
    beforeDelivery(exitCode) {
      composition.liftBounds();
      const late = composition.late.take();
      if (late !== '') diag.warn(late);
      recorder.answered.settleAll();
      interrupted += liveSpans.interrupt(fatal, (error) => losses.fail(error));
      losses.add('spans', liveSpans.takeUntracked(), 'open, and too many to be held');
      if (exited) return;
      const counts = composition.telemetry.counts();
      enterDropped(losses, counts);
      if (Object.values(counts).every(({ waiting }) => waiting === 0)) return;
      exited = true;
      lifecycle.exited(exitCode, interrupted);
    },
    onLoss: (message) => diag.warn(message),
  });
  const exit = onExit({
    deliver: (exitCode) => delivery.deliver(exitCode),
    conclude: () => {
      delivery.reportLosses();
      onEnd?.();
    },
    isFatal: () => fatal !== undefined,
    onDrained: () => composition.onDrained(),
  });
  undo.add(() => exit.stop());
  const facts = createProcessFacts(() => liveSpans.size);
  undo.add(() => facts.stop());
  undo.add(
    recordUncaughtErrors({
      recorder,
      facts,
      onFatal: (recorded) => {
        fatal = recorded;
        exit.onFatal();
      },
    }),
  );
  undo.add(recordUnhandledRejections({ recorder, execArgv: process.execArgv, nodeOptions: env['NODE_OPTIONS'] }));
  return { recorder, stopSampling: () => facts.stop() };
}

/** What was dropped while the process was running is reported in the same line. */
function enterDropped(losses: LossReport, { spans, logs: records, metrics }: SignalCounts): void {
  for (const [noun, { dropped }] of [
    ['spans', spans],
    ['log records', records],
    ['collections of metrics', metrics],
  ] as const) {
    for (const [reason, count] of Object.entries(dropped)) losses.add(noun, count, reason);
  }
}

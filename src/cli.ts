import { setFlagsFromString } from 'node:v8';
import { setTimeout } from './clock/clock.ts';
import packageJson from '../package.json' with { type: 'json' };
import { parseCommand } from './cli/parse-command.ts';
import { runCollector, type Terminal, type CollectorSelfMetrics } from './cli/run-collector.ts';
import { USAGE, UsageError } from './cli/usage.ts';
import { CollectorStartError } from './collector/start-collector.ts';
import type { SelfMetricsOptions } from './self-metrics/self-metrics-options.ts';
import { reportNothing } from './shutdown/flush-report.ts';

// The objects of a request are garbage once it is answered. By default V8 lets the young generation grow to 16 MiB and more, and the
// old generation to four times what is in use, which only keeps that garbage longer. V8 reads these two flags while it runs.
setFlagsFromString('--semi-space-growth-factor=1');
setFlagsFromString('--heap-growing-percent=150');

const EXIT_FAILURE = 1;
const EXIT_USAGE = 2;
/** How long the process waits for writes in progress after the collector has closed. */
const DISK_MILLIS = 500;

const terminal: Terminal = {
  isTerminal: process.stdout.isTTY,
  out: (text) => void process.stdout.write(text),
  error: (text) => void process.stderr.write(text),
};

try {
  await main();
  killIfWriteHangs();
} catch (error) {
  if (error instanceof UsageError) {
    console.error(`swansong: ${error.message}\nTry: swansong --help`);
    process.exitCode = EXIT_USAGE;
  } else if (error instanceof CollectorStartError) {
    console.error(`swansong collector: ${error.message}`);
    process.exitCode = EXIT_FAILURE;
  } else {
    throw error;
  }
}

async function main(): Promise<void> {
  const command = parseCommand(process.argv.slice(2), process.env);
  if (command.kind === 'help') return terminal.out(USAGE);
  if (command.kind === 'version') return terminal.out(`${packageJson.version}\n`);
  const selfMetrics = command.selfMetrics && (await startCollectorSelfMetrics(command.selfMetrics));
  const allWritten = await runCollector(command.collector, selfMetrics, receivedSignal, terminal);
  if (!allWritten) process.exitCode = EXIT_FAILURE;
}

/**
 * A write that never returns keeps the process alive: the event loop waits for it, and `process.exit()` waits for its thread. Only a
 * signal ends the process then.
 */
function killIfWriteHangs(): void {
  setTimeout(() => {
    if (!process.getActiveResourcesInfo().some((type) => type.startsWith('FSReq'))) return;
    terminal.error('swansong collector: a write has not returned; ending with SIGKILL\n');
    process.kill(process.pid, 'SIGKILL');
  }, DISK_MILLIS).unref();
}

/** Imported only when needed: the module contains a metrics SDK. */
async function startCollectorSelfMetrics(options: SelfMetricsOptions): Promise<CollectorSelfMetrics> {
  const { createCollectorMetrics, startSelfMetrics } = await import('./self-metrics.ts');
  try {
    const selfMetrics = startSelfMetrics({
      ...(process.env['OTEL_SERVICE_NAME'] === undefined && { resource: { 'service.name': 'swansong-collector' } }),
      ...options,
    });
    return {
      // The collector begins each of its series itself.
      metrics: createCollectorMetrics(selfMetrics.meter, { series: [] }),
      listening: selfMetrics.listening,
      telemetry: {
        stopping: () => {},
        // The last collection, in shutdown(), has everything: nothing needs to be flushed before it.
        flush: () => Promise.resolve(reportNothing()),
        async shutdown(shutdownOptions) {
          const { timedOut, durationMillis, file, otlp } = await selfMetrics.shutdown(shutdownOptions);
          const errors = [file?.error, otlp?.error].filter((error) => error !== undefined);
          return reportNothing({ timedOut, durationMillis, errors });
        },
      },
    };
  } catch (error) {
    // Invalid options; the message names the option, the value and what was expected.
    if (error instanceof TypeError && error.message.endsWith('nothing was started'))
      throw new UsageError(`--self-metrics-${error.message}`, { cause: error });
    throw error;
  }
}

/** Resolves at the first SIGINT or SIGTERM. After that there is no listener, so a second one ends the process at once. */
function receivedSignal(): Promise<void> {
  return new Promise((resolve) => {
    const stop = (): void => {
      process.off('SIGINT', stop).off('SIGTERM', stop);
      resolve();
    };
    process.on('SIGINT', stop).on('SIGTERM', stop);
  });
}

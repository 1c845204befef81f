#!/usr/bin/env node
import { setFlagsFromString } from 'node:v8';
import packageJson from '../package.json' with { type: 'json' };
import { parseCommand } from './cli/parse-command.ts';
import { runCollector, type Terminal, type Watching } from './cli/run-collector.ts';
import { USAGE, UsageError } from './cli/usage.ts';
import { CollectorStartError } from './collector/start-collector.ts';
import type { SelfMetricsOptions } from './self-metrics/self-metrics-options.ts';
import { reportNothing } from './shutdown/report.ts';

// The values of a request are garbage once it is answered: a young space that may grow to 16 MiB and more only keeps them, and so
// does an old space that may grow to four times what is in use. These are the flags for it that V8 looks at while it runs.
setFlagsFromString('--semi-space-growth-factor=1');
setFlagsFromString('--heap-growing-percent=150');

const EXIT_FAILURE = 1;
const EXIT_USAGE = 2;
/** What a write may take after the collector has given it up. */
const DISK_MILLIS = 500;

const terminal: Terminal = {
  isTerminal: process.stdout.isTTY,
  out: (text) => void process.stdout.write(text),
  error: (text) => void process.stderr.write(text),
};

try {
  await main();
  endDespiteTheDisk();
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
  const watching = command.selfMetrics && (await watch(command.selfMetrics));
  const allWritten = await runCollector(command.collector, watching, signalled, terminal);
  if (!allWritten) process.exitCode = EXIT_FAILURE;
}

/**
 * A write that never returns keeps the process alive: the event loop waits for it, and `process.exit()` for the thread it is in.
 * Nothing but a signal ends it then.
 */
function endDespiteTheDisk(): void {
  setTimeout(() => {
    if (!process.getActiveResourcesInfo().some((type) => type.startsWith('FSReq'))) return;
    terminal.error('swansong collector: a write has not returned; ending with SIGKILL\n');
    process.kill(process.pid, 'SIGKILL');
  }, DISK_MILLIS).unref();
}

/** Loaded where it is wanted: it brings an SDK of metrics with it. */
async function watch(options: SelfMetricsOptions): Promise<Watching> {
  const { createCollectorMetrics, startSelfMetrics } = await import('./self-metrics.ts');
  try {
    const selfMetrics = startSelfMetrics({
      ...(process.env['OTEL_SERVICE_NAME'] === undefined && { resource: { 'service.name': 'swansong-collector' } }),
      ...options,
    });
    return {
      metrics: createCollectorMetrics(selfMetrics.meter),
      listening: selfMetrics.listening,
      telemetry: {
        stopping: () => {},
        // What is counted until the end is in the last collection: there is nothing to hurry before.
        flush: () => Promise.resolve(reportNothing()),
        async shutdown(shutdownOptions) {
          const { timedOut, durationMillis, file, otlp } = await selfMetrics.shutdown(shutdownOptions);
          const errors = [file?.error, otlp?.error].filter((error) => error !== undefined);
          return reportNothing({ timedOut, durationMillis, errors });
        },
      },
    };
  } catch (error) {
    // Options that were given, checked there: its message names value and expectation.
    if (error instanceof TypeError && error.message.endsWith('nothing was started'))
      throw new UsageError(`--self-metrics-${error.message}`, { cause: error });
    throw error;
  }
}

/** Resolves at the first SIGINT or SIGTERM. A second one ends the process at once, as it would without a listener. */
function signalled(): Promise<void> {
  return new Promise((resolve) => {
    const stop = (): void => {
      process.off('SIGINT', stop).off('SIGTERM', stop);
      resolve();
    };
    process.on('SIGINT', stop).on('SIGTERM', stop);
  });
}

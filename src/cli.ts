#!/usr/bin/env node
import { parseArgs } from 'node:util';
import packageJson from '../package.json' with { type: 'json' };
import { type Collector, CollectorStartError, startCollector } from './collector/collector.ts';

const USAGE = `Usage: swansong collector [options]

Receives OTLP over HTTP and appends it to traces.jsonl, metrics.jsonl and logs.jsonl.
Ends on SIGINT or SIGTERM, after it has answered and written what it has received.

Options:
  --port PORT       port to listen on, 0 for a free one (default 4318)
  --host HOST       address to listen on (default 127.0.0.1)
  --dir DIRECTORY   where the files go (default ./telemetry)
  --max-body BYTES  largest request body, before and after decompression (default 67108864)
  --help            show this and end
  --version         show the version and end

Exit codes: 0 ended as asked, 1 could not start or failed, 2 wrong usage.
`;

const EXIT_FAILURE = 1;
const EXIT_USAGE = 2;

class UsageError extends Error {}

try {
  await main(process.argv.slice(2));
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

async function main(args: readonly string[]): Promise<void> {
  const { values, positionals } = parse(args);
  if (values.help) {
    process.stdout.write(USAGE);
    return;
  }
  if (values.version) {
    console.log(packageJson.version);
    return;
  }
  const [command, ...rest] = positionals;
  if (command !== 'collector') {
    throw new UsageError(
      `command: expected collector (got ${command === undefined ? 'none' : JSON.stringify(command)})`,
    );
  }
  if (rest.length > 0) throw new UsageError(`collector takes no arguments (got ${JSON.stringify(rest[0])})`);
  await runCollector(values);
}

interface Values {
  readonly port?: string;
  readonly host?: string;
  readonly dir?: string;
  readonly 'max-body'?: string;
  readonly help?: boolean;
  readonly version?: boolean;
}

function parse(args: readonly string[]): { readonly values: Values; readonly positionals: readonly string[] } {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        port: { type: 'string' },
        host: { type: 'string' },
        dir: { type: 'string' },
        'max-body': { type: 'string' },
        help: { type: 'boolean' },
        version: { type: 'boolean' },
      },
    });
  } catch (error) {
    // parseArgs throws TypeErrors whose messages are meant for the user.
    if (error instanceof TypeError) throw new UsageError(error.message, { cause: error });
    throw error;
  }
}

async function runCollector({ port, host, dir, 'max-body': maxBody }: Values): Promise<void> {
  const collector = await startCollector({
    ...(port === undefined ? {} : { port: integer('--port', port, 0, 65_535) }),
    ...(maxBody === undefined ? {} : { maxBodyBytes: integer('--max-body', maxBody, 1, 2 ** 28) }),
    ...(host === undefined ? {} : { host }),
    ...(dir === undefined ? {} : { directory: dir }),
    report: (line) => console.error(`swansong collector: ${line}`),
  });
  console.log(`swansong collector listening on ${collector.url}`);
  console.log(`writing traces.jsonl, metrics.jsonl and logs.jsonl in ${collector.directory}`);
  await signalled();
  await collector.close();
  console.log(summary(collector));
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

function summary(collector: Collector): string {
  const { traces, metrics, logs } = collector.counts();
  const all = [traces, metrics, logs];
  const accepted = all.reduce((sum, { requests }) => sum + requests, 0);
  const refused = all.reduce((sum, counts) => sum + counts.refused, 0);
  const items = [
    counted(traces.items, 'span'),
    counted(metrics.items, 'data point'),
    counted(logs.items, 'log record'),
  ].join(', ');
  return `accepted ${counted(accepted, 'request')}: ${items}; refused ${counted(refused, 'request')}`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function integer(option: string, text: string, min: number, max: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new UsageError(`${option}: expected an integer from ${min} to ${max} (got ${JSON.stringify(text)})`);
}

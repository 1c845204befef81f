/**
 * `node --import swansong/register` or `--require`: starts swansong once in this thread. A failure is reported in one line on
 * stderr and never keeps the application from starting.
 *
 * This file is a small bundle of its own, so that a Node that is too old for the rest can still parse it.
 */

import { realpathSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { isTool, startedProgram } from './application/started-program.ts';
import { unsupportedNode } from './application/supported-node.ts';
import type * as configFile from './config/file/read-config-file.ts';
import { selfMetricsAreOn } from './config/self-metrics-switches.ts';
import { markPreloaded } from './sdk/preload-mark.ts';
import type * as preload from './sdk/start.ts';
import type * as selfMetrics from './self-metrics.ts';

/** To the file descriptor: using `process.stderr` would create a stream, and the line must be written also during exit. */
function writeLine(line: string): void {
  try {
    writeSync(2, `${line}\n`);
  } catch {
    // stderr is closed or full: this cannot be reported anywhere.
  }
}

/**
 * If NODE_OPTIONS is set for a whole shell, `swansong collector` must not send telemetry about its requests to itself, and npm
 * must not send `traceparent` to its registry. What npm starts is another process, which is instrumented.
 */
function isToolOrSwansong(): boolean {
  const program = startedProgram(process.argv[1], process.env);
  if (program === undefined) return false;
  try {
    const path = realpathSync(program);
    const isOwn = ['bin.cjs', 'cli.mjs'].some((name) => path === join(import.meta.dirname, name));
    return isOwn || isTool(path);
  } catch {
    return false;
  }
}

function register(): void {
  if (!markPreloaded() || isToolOrSwansong()) return;
  const unsupported = unsupportedNode(process.versions.node);
  if (unsupported !== undefined) return writeLine(unsupported);
  const require = createRequire(import.meta.url);
  const { start }: typeof preload = require('./preload.cjs');
  start({
    env: process.env,
    writeLine,
    stdout: () => process.stdout,
    writeOutSync: (bytes) => writeSync(1, bytes),
    readConfigFile(file, env) {
      // A separate bundle: the schema and a YAML parser are twice the size of everything else.
      const { readConfigFile }: typeof configFile = require('./config-file.cjs');
      return readConfigFile(file, env);
    },
  });
  startSelfMetrics(require);
}

/** Called after the SDK has started, which it observes too. Its bundle is loaded only if one of its variables is set. */
function startSelfMetrics(require: NodeJS.Require): void {
  // In a worker thread the port and the file would already be in use by the main thread.
  if (!selfMetricsAreOn(process.env) || !process.getBuiltinModule('node:worker_threads').isMainThread) return;
  try {
    const bundle: typeof selfMetrics = require('./self-metrics.cjs');
    bundle.startSelfMetrics();
  } catch (error) {
    writeLine(`swansong: self-metrics could not start, the rest works: ${stackOf(error)}`);
  }
}

function stackOf(error: unknown): string {
  return String(error instanceof Error ? error.stack : error);
}

try {
  register();
} catch (error) {
  writeLine(`swansong: could not start, the application runs without telemetry: ${stackOf(error)}`);
}

import { writeSync } from 'node:fs';
import type { SwansongOptions } from './sdk/endpoint-option.ts';
import { markOwnNodeSdk } from './sdk/preload-mark.ts';
import { startOwnNodeSdk } from './sdk/start-own-node-sdk.ts';

export type { SwansongOptions } from './sdk/endpoint-option.ts';

/**
 * Adds swansong to the configuration of your own NodeSDK (sdk-node 0.203 or later): outboxes replace batch processors, uncaught
 * errors are recorded, and everything that is left is delivered when the process ends.
 * `status()`, `forceFlush()`, `shutdown()` and `gracefulShutdown()` of `swansong` work as with the preload.
 *
 * Backends are those of your OTLP/HTTP exporters; other processors, readers and exporters stay as they are. A signal without an
 * exporter goes to the endpoint in the variables, else to the backend of the first exporter.
 *
 * @param configuration what you would give to NodeSDK; it is not changed
 * @returns what to give to NodeSDK
 * @throws TypeError on invalid options, before the configuration is read
 * @example
 * const sdk = new NodeSDK(withSwansong({ serviceName: 'shop', traceExporter: new OTLPTraceExporter() }));
 * sdk.start();
 */
export function withSwansong<Configuration extends object>(
  configuration?: Configuration,
  options?: SwansongOptions,
): Partial<Configuration>;
export function withSwansong(configuration: object = {}, options: SwansongOptions = {}): object {
  markOwnNodeSdk();
  return startOwnNodeSdk(configuration, options, {
    env: process.env,
    writeLine,
    stdout: () => process.stdout,
    writeOutSync: (bytes) => writeSync(1, bytes),
  });
}

/** To the file descriptor: the line must also be written while the process exits. */
function writeLine(line: string): void {
  try {
    writeSync(2, `${line}\n`);
  } catch {
    // stderr is closed or full: this cannot be reported anywhere.
  }
}

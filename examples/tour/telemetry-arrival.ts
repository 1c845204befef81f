import { watch } from 'node:fs';
import { type OtlpFiles, readOtlpFiles } from './otlp-files.ts';
import { within } from './within.ts';

/** Something that must arrive. */
export interface Expectation {
  readonly what: string;
  readonly isMet: (files: OtlpFiles) => boolean;
}

/**
 * Watches the files of a collector until they hold what is expected.
 * @throws an `Error` that names what has not arrived when the time is up
 */
export async function telemetryArrival(
  directory: string,
  expectations: readonly Expectation[],
  interruption: AbortSignal,
  boundMillis?: number,
): Promise<OtlpFiles> {
  const { promise, resolve, reject } = Promise.withResolvers<OtlpFiles>();
  /** @returns what is missing */
  const look = (): string => {
    try {
      const files = readOtlpFiles(directory);
      const missing = expectations.filter(({ isMet }) => !isMet(files));
      if (missing.length === 0) resolve(files);
      return missing.map(({ what }) => what).join(', no ');
    } catch (error) {
      reject(error);
      return `readable telemetry in ${directory}`;
    }
  };
  const watcher = watch(directory, look);
  watcher.once('error', reject);
  try {
    look();
    // `look` runs once more when the time is up: not every file system reports changes.
    return await within(promise, look, interruption, boundMillis);
  } finally {
    watcher.close();
  }
}

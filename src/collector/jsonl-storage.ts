import { join } from 'node:path';
import { Deadline } from '../deadline/deadline.ts';
import { type Appended, JsonlFile } from '../jsonl/jsonl-file.ts';
import type { Signal } from './signals.ts';

const CLOSE_MILLIS = 10_000;

/** Where accepted requests go: one file of JSON lines for each signal, as the OTLP file format demands. */
export interface JsonlStorage {
  append(signal: Signal, line: Buffer): Promise<Appended>;
  /** Writes what is waiting and closes the files. */
  close(): Promise<void>;
}

/**
 * Opens every file at once, so that a directory which cannot be written to shows at start and not at the first request.
 * @param report gets one line when a file starts to fail and one when it works again
 * @throws the error of the file system
 */
export async function openJsonlStorage(
  directory: string,
  signals: readonly Signal[],
  report: (line: string) => void,
): Promise<JsonlStorage> {
  const files = new Map<Signal, JsonlFile>();
  const failing = new Set<Signal>();
  const close = async (): Promise<void> => {
    await Promise.all(Array.from(files.values(), (file) => file.close(Deadline.after(CLOSE_MILLIS))));
  };
  try {
    for (const signal of signals) files.set(signal, await JsonlFile.open({ path: join(directory, signal.file) }));
  } catch (error) {
    await close();
    throw error;
  }

  return {
    close,
    async append(signal, line) {
      const file = files.get(signal);
      if (file === undefined) throw new TypeError(`no file was opened for ${signal.name}`);
      const result = await file.append(line);
      if (!result.ok && !failing.has(signal)) {
        failing.add(signal);
        report(`${file.path}: cannot write (${result.error.message}); answering 503 until it works again`);
      } else if (result.ok && failing.delete(signal)) {
        report(`${file.path}: can be written again`);
      }
      return result;
    },
  };
}

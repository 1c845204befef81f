import { join } from 'node:path';
import { Deadline } from '../deadline/deadline.ts';
import { DiskSlots } from '../jsonl/disk-slots.ts';
import type { JsonlEvent } from '../jsonl/jsonl-options.ts';
import { type AppendResult, JsonlFile } from '../jsonl/jsonl-file.ts';
import type { Fsync, JsonlWrite } from '../jsonl/jsonl-options.ts';
import { RemovalReport } from './removal-report.ts';
import type { OtlpSignal, SignalName } from './signals.ts';

/** Where accepted requests go: one file of JSON lines for each signal, as the OTLP file format demands. */
export interface JsonlStorage {
  append(signal: OtlpSignal, line: Buffer): Promise<AppendResult>;
  /** Whether a line of so many bytes would be taken now. */
  hasRoom(signal: OtlpSignal, bytes: number): boolean;
  /** Bytes of a signal's lines that are not in its file yet. */
  waitingBytes(signal: OtlpSignal): number;
  /** Why what came last could not be written, a line for each file. */
  problems(): readonly string[];
  /** Writes what is waiting and closes the files. @throws when lines were left at the deadline, or a file would not close */
  close(deadline: Deadline): Promise<void>;
}

export interface StorageOptions {
  readonly directory: string;
  readonly fsync: Fsync;
  readonly rotateBytes: number;
  readonly rotateMillis: number;
  /** Of all signals together. */
  readonly maxTotalBytes: number;
  /** Gets one line when a file starts to fail and one when it works again, and one for what was repaired; for what was
   * removed at most one a minute. */
  readonly report: (line: string) => void;
  readonly onWrite: (signal: SignalName, write: JsonlWrite) => void;
}

/** Of each file. What waits longer than a request takes is a disk that does not keep up: clients are told to come later. */
const MAX_WAITING_BYTES = 16 * 1024 * 1024;
/** Of the four threads: one is left for the file of the self-metrics, and for looking up names. */
const SLOTS = 3;
/** A write that takes longer is no longer a slow disk. */
const STALLED_MILLIS = 5000;
const SECOND = 1000;

/**
 * Opens every file at once, so that a directory which cannot be written to shows at start and not at the first request.
 * @throws the error of the file system
 */
export async function openJsonlStorage(options: StorageOptions, signals: readonly OtlpSignal[]): Promise<JsonlStorage> {
  const { directory, report, onWrite, ...limits } = options;
  const files = new Map<OtlpSignal, JsonlFile>();
  const close = async (deadline: Deadline): Promise<void> => {
    const closed = await Promise.all(Array.from(files.values(), (file) => file.close(deadline)));
    removals.tellRest();
    const failed = closed.find(({ ok }) => !ok);
    if (failed !== undefined) throw new Error('not everything could be written', { cause: failed.error });
  };
  const removals = new RemovalReport(report);
  const slots = new DiskSlots(SLOTS);
  try {
    for (const signal of signals) {
      const file = await JsonlFile.open({
        ...limits,
        path: join(directory, signal.file),
        // A share for each, so that spans cannot push out the logs.
        maxTotalBytes: Math.floor(limits.maxTotalBytes / signals.length),
        slots,
        maxWaitingBytes: MAX_WAITING_BYTES,
        onEvent(event) {
          if (event.kind === 'removed') removals.removed(event.path, event.bytes);
          else report(describe(event));
        },
        onWrite: (write) => onWrite(signal.name, write),
      });
      files.set(signal, file);
    }
  } catch (error) {
    await close(Deadline.after(SECOND)).catch(() => {});
    throw error;
  }

  return {
    close,
    append(signal, line) {
      const file = files.get(signal);
      if (file === undefined) throw new TypeError(`no file was opened for ${signal.name}`);
      return file.append(line);
    },
    hasRoom: (signal, bytes) => files.get(signal)?.hasRoom(bytes) ?? false,
    waitingBytes: (signal) => files.get(signal)?.counts().waitingBytes ?? 0,
    problems: () => Array.from(files.values(), problemOf).filter((problem) => problem !== undefined),
  };
}

function problemOf({ path, failure, writingMillis }: JsonlFile): string | undefined {
  if (failure !== undefined) return `${path}: cannot write (${failure.message})`;
  if (writingMillis < STALLED_MILLIS) return undefined;
  return `${path}: a write takes longer than ${Math.floor(writingMillis / SECOND)} s`;
}

function describe(event: Exclude<JsonlEvent, { kind: 'removed' }>): string {
  const { path } = event;
  if (event.kind === 'failing')
    return `${path}: cannot write (${event.error.message}); answering 503 until it works again`;
  if (event.kind === 'recovered') return `${path}: can be written again`;
  return `${path}: cut off ${event.bytes} bytes of a line that was not finished`;
}

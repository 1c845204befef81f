import { join } from 'node:path';
import { Deadline } from '../deadline/deadline.ts';
import { DiskSlots } from '../jsonl/disk-slots.ts';
import type { JsonlEvent } from '../jsonl/jsonl-options.ts';
import { type AppendResult, JsonlFile } from '../jsonl/jsonl-file.ts';
import type { Fsync, JsonlWrite } from '../jsonl/jsonl-options.ts';
import { RemovalReport } from './removal-report.ts';
import type { OtlpSignal, SignalName } from './signals.ts';

/** Where accepted requests are stored: one file of JSON lines for each signal, as the OTLP file format requires. */
export interface JsonlStorage {
  append(signal: OtlpSignal, line: Buffer): Promise<AppendResult>;
  /** Whether a line of so many bytes would be accepted now. */
  hasRoom(signal: OtlpSignal, bytes: number): boolean;
  /** Bytes of a signal's lines that are not in its file yet. */
  waitingBytes(signal: OtlpSignal): number;
  /** Why the last write failed, or that one hangs; one text for each file that has a problem. */
  problems(): readonly string[];
  /** Writes the waiting lines and closes the files. @throws when lines are left at the deadline, or a file cannot be closed */
  close(deadline: Deadline): Promise<void>;
}

export interface StorageOptions {
  readonly directory: string;
  readonly fsync: Fsync;
  readonly rotateBytes: number;
  readonly rotateMillis: number;
  /** Of all signals together. */
  readonly maxTotalBytes: number;
  /** Receives a line when a file starts to fail, when it works again and when it was repaired; for removed files one a minute. */
  readonly report: (line: string) => void;
  readonly onWrite: (signal: SignalName, write: JsonlWrite) => void;
}

/** Bytes that may wait for each file. When more wait, the disk does not keep up, and clients are told to retry later (429). */
const MAX_WAITING_BYTES = 16 * 1024 * 1024;
/** Of the four threads in Node's pool: one is left for the self-metrics file and DNS lookups. */
const SLOTS = 3;
/** A write that takes longer is reported as a problem. */
const STALLED_MILLIS = 5000;
const SECOND = 1000;

/**
 * Opens all files at start, so that a directory that cannot be written to is an error now and not at the first request.
 * @throws the error of the file system
 */
export async function openJsonlStorage(options: StorageOptions, signals: readonly OtlpSignal[]): Promise<JsonlStorage> {
  const { directory, report, onWrite, ...limits } = options;
  const files = new Map<OtlpSignal, JsonlFile>();
  const close = async (deadline: Deadline): Promise<void> => {
    const closed = await Promise.all(Array.from(files.values(), (file) => file.close(deadline)));
    removals.reportRest();
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
        // A share for each signal, so that spans cannot displace log records.
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
  return `${path}: cut off ${event.bytes} bytes of an unfinished line`;
}

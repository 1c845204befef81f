import { DiskSlots } from './disk-slots.ts';
import type { JsonlEvent } from './jsonl-event.ts';

/**
 * When the operating system is asked to bring lines to the disk. `never`: when it likes, a killed process loses nothing,
 * a machine without power what is not on the disk. `interval`: at most `fsyncIntervalMillis` after the write. `always`: before
 * `append()` says that it is written.
 */
export type Fsync = 'never' | 'interval' | 'always';

export interface JsonlOptions {
  /** The file that is written to. A full one is renamed: `traces.jsonl` → `traces-2026-07-31T12-00-00.000Z.jsonl`. */
  readonly path: string;
  /** Default `never`. */
  readonly fsync?: Fsync;
  /** Milliseconds, for `fsync: 'interval'`. Default 1000. */
  readonly fsyncIntervalMillis?: number;
  /** Bytes a file may hold before a new one is begun; a longer line has a file of its own. Default: no limit. */
  readonly rotateBytes?: number;
  /** Milliseconds from the making of a file after which the next line begins a new one. Default: no limit. */
  readonly rotateMillis?: number;
  /** Bytes all files may hold together, the current one included: the oldest are removed for it. Default: no limit. */
  readonly maxTotalBytes?: number;
  /** Bytes that may wait to be written; more are refused as `queue-full`. Default 67108864 (64 MiB). */
  readonly maxWaitingBytes?: number;
  /** Shared by files that together must not take every thread of the pool. Default: one of its own. */
  readonly slots?: DiskSlots;
  /** Told of failures, recoveries and everything that is lost. Must not throw. */
  readonly onEvent?: (event: JsonlEvent) => void;
  /** Told of each write, which holds one or more lines, and of its time with its fsync. Must not throw. */
  readonly onWrite?: (write: JsonlWrite) => void;
}

export interface JsonlWrite {
  readonly millis: number;
  readonly lines: number;
  readonly bytes: number;
  /** Why nothing of it is in the file. */
  readonly error: Error | undefined;
}

export type ResolvedJsonlOptions = Required<JsonlOptions>;

const WAITING_BYTES = 64 * 1024 * 1024;

/** @throws RangeError naming the option, the value and what was expected */
export function resolveJsonlOptions(options: JsonlOptions): ResolvedJsonlOptions {
  const positive = (
    name: 'fsyncIntervalMillis' | 'rotateBytes' | 'rotateMillis' | 'maxTotalBytes' | 'maxWaitingBytes',
    byDefault: number,
  ): number => {
    const value = options[name] ?? byDefault;
    if (value >= 1) return value;
    throw new RangeError(`${name}: expected a number from 1 (got ${value})`);
  };
  return {
    path: options.path,
    fsync: options.fsync ?? 'never',
    fsyncIntervalMillis: positive('fsyncIntervalMillis', 1000),
    rotateBytes: positive('rotateBytes', Infinity),
    rotateMillis: positive('rotateMillis', Infinity),
    maxTotalBytes: positive('maxTotalBytes', Infinity),
    maxWaitingBytes: positive('maxWaitingBytes', WAITING_BYTES),
    slots: options.slots ?? new DiskSlots(1),
    onEvent: options.onEvent ?? (() => {}),
    onWrite: options.onWrite ?? (() => {}),
  };
}

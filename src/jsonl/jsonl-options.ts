import { DiskSlots } from './disk-slots.ts';
import type { FileLimits } from './rotation.ts';

/**
 * When the operating system is asked to bring lines to the disk (`fdatasync`). `never`: it decides; a killed process loses nothing, a
 * machine that loses power what was not on the disk. `interval`: at most `fsyncIntervalMillis` after the write. `always`: before
 * `append()` reports the line as written.
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
  /** Milliseconds from the creation of a file after which the next line begins a new one. Default: no limit. */
  readonly rotateMillis?: number;
  /** Bytes all files may hold together, the current one included; the oldest are removed to stay within it. Default: no limit. */
  readonly maxTotalBytes?: number;
  /** Bytes that may wait to be written; more are refused as `queue-full`. Default 67108864 (64 MiB). */
  readonly maxWaitingBytes?: number;
  /** Shared by files that together must not occupy every thread of Node's pool. Default: one slot for this file alone. */
  readonly slots?: DiskSlots;
  /** Called for failures, recoveries and all data that is removed. Must not throw. */
  readonly onEvent?: (event: JsonlEvent) => void;
  /** Called after each write, which holds one or more lines. Must not throw. */
  readonly onWrite?: (write: JsonlWrite) => void;
}

/** Failing and recovering are reported once each, not for every line. */
export type JsonlEvent =
  /** Lines are refused from now on. Each new line is another attempt. */
  | { readonly kind: 'failing'; readonly path: string; readonly error: Error }
  | { readonly kind: 'recovered'; readonly path: string }
  /** The file ended in the middle of a line, which a killed process had begun: those bytes were cut off. */
  | { readonly kind: 'repaired'; readonly path: string; readonly bytes: number }
  /** A full file was removed to stay within `maxTotalBytes`. */
  | { readonly kind: 'removed'; readonly path: string; readonly bytes: number };

export interface JsonlWrite {
  /** Milliseconds, with the fsync if it is part of the write. */
  readonly millis: number;
  readonly lines: number;
  readonly bytes: number;
  /** Why none of it is in the file; undefined where all of it is. */
  readonly error: Error | undefined;
}

export type ResolvedJsonlOptions = Required<JsonlOptions>;

const WAITING_BYTES = 64 * 1024 * 1024;

/** @throws RangeError naming the option, the value and what was expected */
export function resolveJsonlOptions(options: JsonlOptions): ResolvedJsonlOptions {
  return {
    path: options.path,
    fsync: options.fsync ?? 'never',
    fsyncIntervalMillis: atLeastOne('fsyncIntervalMillis', options.fsyncIntervalMillis ?? 1000),
    ...resolveLimits(options),
    maxWaitingBytes: atLeastOne('maxWaitingBytes', options.maxWaitingBytes ?? WAITING_BYTES),
    slots: options.slots ?? new DiskSlots(1),
    onEvent: options.onEvent ?? (() => {}),
    onWrite: options.onWrite ?? (() => {}),
  };
}

/** @throws RangeError naming the option, the value and what was expected */
export function resolveLimits(options: Pick<JsonlOptions, keyof FileLimits>): FileLimits {
  return {
    rotateBytes: atLeastOne('rotateBytes', options.rotateBytes ?? Infinity),
    rotateMillis: atLeastOne('rotateMillis', options.rotateMillis ?? Infinity),
    maxTotalBytes: atLeastOne('maxTotalBytes', options.maxTotalBytes ?? Infinity),
  };
}

function atLeastOne(name: keyof JsonlOptions, value: number): number {
  if (value >= 1) return value;
  throw new RangeError(`${name}: expected a number from 1 (got ${value})`);
}

import type { InvalidItems } from '../outbox/delivery.ts';
import { messageOf } from '../values/to-error.ts';
import type { OtlpEncoding } from './otlp-encoding.ts';

/** What could not be encoded of a batch. */
export class Losses {
  #items = 0;
  #size = 0;
  #first = '';

  /** An item is left out. @param size what it counts in the SDK's metrics: spans, log records, data points */
  addItem(size: number, why: string): void {
    this.#items += 1;
    this.addPart(size, why);
  }

  /** A part of an item is left out: data points of a collection. */
  addPart(size: number, why: string): void {
    if (this.#size === 0) this.#first = why;
    this.#size += size;
  }

  get found(): InvalidItems | undefined {
    if (this.#items === 0 && this.#size === 0) return undefined;
    return { items: this.#items, size: this.#size, message: this.#first };
  }
}

export type EncodedBatch =
  | { readonly status: 'encoded'; readonly bytes: Uint8Array; readonly invalid: InvalidItems | undefined }
  /** Not one item of it can be encoded. */
  | { readonly status: 'invalid'; readonly error: Error };

/**
 * Serialises a batch without the items that a backend would refuse, for which it would refuse their neighbours as well. Where
 * the serializer throws, each item is serialised by itself to find those that make it throw: the cost is that of a second batch.
 * It never throws.
 */
export function encodeBatch<T>(encoding: OtlpEncoding<T>, items: readonly T[]): EncodedBatch {
  const losses = new Losses();
  const sendable = mapped(items, (item) => mended(encoding, item, losses));
  const whole = sendable.length === 0 ? undefined : attempt(encoding, sendable);
  if (whole instanceof Uint8Array) return { status: 'encoded', bytes: whole, invalid: losses.found };
  const rest = mapped(sendable, (item) => salvaged(encoding, item, losses));
  const bytes = rest.length === 0 ? undefined : attempt(encoding, rest);
  if (bytes instanceof Uint8Array) return { status: 'encoded', bytes, invalid: losses.found };
  const why = bytes?.message ?? losses.found?.message ?? 'there is nothing to serialise';
  return { status: 'invalid', error: new Error(why) };
}

/** Each item as `change` gives it, without those that it gives none for; the same list where nothing changes. */
export function mapped<T>(items: readonly T[], change: (item: T) => T | undefined): readonly T[] {
  let result: T[] | undefined;
  for (const [index, item] of items.entries()) {
    const changed = change(item);
    if (changed !== item || changed === undefined) result ??= items.slice(0, index);
    if (changed !== undefined) result?.push(changed);
  }
  return result ?? items;
}

function mended<T>(encoding: OtlpEncoding<T>, item: T, losses: Losses): T | undefined {
  if (encoding.mend === undefined) return item;
  try {
    return encoding.mend(item, losses);
  } catch (error) {
    losses.addItem(1, messageOf(error));
    return undefined;
  }
}

function salvaged<T>(encoding: OtlpEncoding<T>, item: T, losses: Losses): T | undefined {
  const alone = attempt(encoding, [item]);
  if (alone instanceof Uint8Array) return item;
  if (encoding.salvage !== undefined) {
    return encoding.salvage(item, (part) => !(attempt(encoding, [part]) instanceof Error), alone, losses);
  }
  losses.addItem(1, alone.message);
  return undefined;
}

function attempt<T>(encoding: OtlpEncoding<T>, items: readonly T[]): Uint8Array | Error {
  try {
    return encoding.serialize(items);
  } catch (error) {
    return new Error(messageOf(error));
  }
}

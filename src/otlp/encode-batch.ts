import type { InvalidItems } from '../outbox/delivery.ts';
import { messageOf } from '../values/thrown.ts';
import { mapped } from '../values/mapped.ts';
import { Losses } from './losses.ts';
import type { OtlpEncoding } from './otlp-encoding.ts';

export type EncodedBatch =
  | { readonly status: 'encoded'; readonly bytes: Uint8Array; readonly invalid: InvalidItems | undefined }
  /** None of its items can be encoded. */
  | { readonly status: 'invalid'; readonly error: Error };

/**
 * Serialises a batch without invalid items, for which a backend would refuse the whole batch. If the serializer throws, each item
 * is serialised alone to find those that make it throw, which takes about as long as a second batch. Never throws.
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

import { DecodeFailure } from './decode-failure.ts';

/**
 * Messages that may be in memory decoded at a time. Two bytes of protobuf are an empty span, which is an object of 56 bytes in memory:
 * without this limit a small body could need more heap than Node has. A piece of ordinary spans has some ten thousand, a metric of
 * 10 000 series some 70 000.
 */
export const MAX_MESSAGES_AT_ONCE = 100_000;

/** Messages and list elements that may be in memory decoded at a time: a histogram of 2000 series may have 320 000 buckets. */
export const MAX_VALUES_AT_ONCE = 500_000;

/**
 * The same for all pieces of a request together: 64 KiB of gzip can contain 30 million empty log records, and each would be stored with
 * the time it arrived. A body of 64 MiB of ordinary spans has less than four million.
 */
export const MAX_VALUES = 5_000_000;

/** How much more may be decoded; the decoders count it down. */
export interface Allowance {
  /** Messages and list elements. */
  valuesLeft: number;
  messagesLeft: number;
}

export function allowanceForOne(): Allowance {
  return { valuesLeft: MAX_VALUES_AT_ONCE, messagesLeft: MAX_MESSAGES_AT_ONCE };
}

/** @throws DecodeFailure */
export function takeMessage(allowance: Allowance): void {
  if (--allowance.messagesLeft < 0) throw tooManyValues();
  takeElement(allowance);
}

/** @throws DecodeFailure */
export function takeElement(allowance: Allowance): void {
  if (--allowance.valuesLeft < 0) throw tooManyValues();
}

export function tooManyValues(): DecodeFailure {
  return new DecodeFailure(
    'too-large',
    `more than ${MAX_VALUES} messages and list elements in the request, or in one item more than ${MAX_VALUES_AT_ONCE}, or more than ${MAX_MESSAGES_AT_ONCE} messages`,
  );
}

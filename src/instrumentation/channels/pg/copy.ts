import { type Method, type Replacement, replaceMethod } from './replace-method.ts';

/** A loaded copy of pg, whose methods publish as long as it does not publish itself. */
export class Copy {
  readonly #restore: (() => void)[] = [];
  #publishes = false;

  /** Whether it is of a version that publishes its queries itself. Which one will be the first is not known. */
  get publishes(): boolean {
    return this.#publishes;
  }

  replace<Name extends string>(
    owner: object,
    name: Name,
    replacementOf: (original: Method, copy: Copy) => Replacement<Name>,
  ): void {
    const restore = replaceMethod(owner, name, (original) => replacementOf(original, this));
    if (restore !== undefined) this.#restore.push(restore);
  }

  leaveAlone(): void {
    this.#publishes = true;
    for (const restore of this.#restore.splice(0)) restore();
  }
}

/** The query that is being handed to pg at the moment. */
let handing: { readonly copy: Copy; readonly message: object } | undefined;

/** Runs what hands a query to a copy of pg. */
export function handTo(copy: Copy, message: object, hand: () => unknown): unknown {
  const outer = handing;
  handing = { copy, message };
  try {
    return hand();
  } finally {
    handing = outer;
  }
}

/**
 * Whether a message comes from pg itself, about a query for which there is a message already. Then that copy publishes, and is
 * left alone from then on.
 */
export function isPublishedTwice(message: object): boolean {
  if (handing === undefined || handing.message === message) return false;
  handing.copy.leaveAlone();
  return true;
}

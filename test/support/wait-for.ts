import { setTimeout as delay } from 'node:timers/promises';

/**
 * Milliseconds. What holds is met in a few of them; the bound only turns a hang into a failure one can read,
 * so it is far above what a busy machine needs and below the runner's own limit, whose message tells nothing.
 */
const BOUND_MILLIS = 15_000;
const LOOK_AGAIN_MILLIS = 5;

export interface WaitOptions {
  /** Milliseconds to wait before the failure. Default 15 000. */
  readonly boundMillis?: number | undefined;
}

export interface LookOptions extends WaitOptions {
  /** Milliseconds between two looks. Default 5. */
  readonly everyMillis?: number;
  /** What more the failure says. */
  readonly describe?: () => string;
}

/** Anything but `undefined`, `null` and `false` means that the condition holds. */
export type Condition<T> = () => T | undefined | null | false;

/** Conditions on something that says when it changes: they are looked at then, and at no other time. */
export class Conditions {
  readonly #waiting = new Set<() => void>();

  /** Something changed: every condition that is waited for is looked at again. */
  changed(): void {
    for (const look of this.#waiting) look();
  }

  /**
   * Resolves with what `condition` returned once it holds, also when it holds already.
   * @throws an `Error` that says what was waited for, and `describe()`, when the bound has passed; what `condition` throws
   */
  until<T>(condition: Condition<T>, what: string, describe: () => string, options: WaitOptions = {}): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const { boundMillis = BOUND_MILLIS } = options;
    const bound = setTimeout(() => {
      this.#waiting.delete(look);
      reject(new Error(`waited ${boundMillis} ms for ${what}\n${describe()}`));
    }, boundMillis);
    const done = (): void => {
      clearTimeout(bound);
      this.#waiting.delete(look);
    };
    const look = (): void => {
      try {
        const value = condition();
        if (value === undefined || value === null || value === false) return;
        done();
        resolve(value);
      } catch (error) {
        done();
        reject(error);
      }
    };
    this.#waiting.add(look);
    look();
    return promise;
  }
}

/**
 * Waits for a condition on something that does not say when it changes; where it does, use its own `waitFor`.
 * @throws an `Error` that says what was waited for when the bound has passed; what `condition` throws
 */
export async function waitFor<T>(
  condition: () => ReturnType<Condition<T>> | Promise<ReturnType<Condition<T>>>,
  what: string,
  options: LookOptions = {},
): Promise<T> {
  const { boundMillis = BOUND_MILLIS, everyMillis = LOOK_AGAIN_MILLIS, describe } = options;
  const until = performance.now() + boundMillis;
  for (;;) {
    const value = await condition();
    if (value !== undefined && value !== null && value !== false) return value;
    if (performance.now() >= until) {
      throw new Error(`waited ${boundMillis} ms for ${what}${describe === undefined ? '' : `\n${describe()}`}`);
    }
    await delay(everyMillis);
  }
}

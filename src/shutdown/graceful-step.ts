import type { Deadline } from '../deadline/deadline.ts';
import { messageOf } from '../values/thrown.ts';
import type { Step } from './graceful-options.ts';

export type StepOutcome =
  | { readonly ok: true }
  | { readonly ok: false; readonly timedOut: boolean; readonly error: Error };

/** Calls a function and waits for it, at most until the deadline. Never rejects. */
export async function runStep(name: string, step: Step, deadline: Deadline): Promise<StepOutcome> {
  const controller = new AbortController();
  const { remainingMillis } = deadline;
  if (deadline.expired) controller.abort();
  try {
    const called = (async () => step({ signal: controller.signal, remainingMillis }))();
    const raced = await deadline.race(called);
    if (!raced.expired) return { ok: true };
    controller.abort();
    const error = new Error(`${name}: did not end within the ${Math.round(remainingMillis)} ms it had`);
    return { ok: false, timedOut: true, error };
  } catch (cause) {
    return { ok: false, timedOut: false, error: new Error(`${name}: ${messageOf(cause)}`, { cause }) };
  }
}

import { onTestFinished, TestRunner } from 'vitest';

/** A test's own `onTestFinished`, for concurrent tests: the runner cannot tell which of them is calling. */
export type OnTestFinished = (cleanUp: () => void | Promise<void>) => void;

/** Cleans up when the running test ends. Outside of a test (`beforeAll`) nothing is registered: there the caller cleans up. */
export function whenTestEnds(cleanUp: () => void | Promise<void>, register?: OnTestFinished): void {
  if (register !== undefined) register(cleanUp);
  else if (TestRunner.getCurrentTest() !== undefined) onTestFinished(cleanUp);
}

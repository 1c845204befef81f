import { EventEmitter } from 'node:events';
import { vi } from 'vitest';

/** Stands for `process` until the test ends: an `exit` event here ends nothing, and Vitest's own listeners do not hear of it. */
export class FakeProcess extends EventEmitter {
  exitCode: unknown;
  _exiting: boolean | undefined;
  readonly ended: unknown[] = [];
  reallyExit: ((code?: unknown) => void) | undefined = (code) => {
    this.ended.push(code);
  };

  exit(code: number): void {
    this._exiting = true;
    this.emit('exit', code);
    this.reallyExit?.(code);
  }
}

/** Take it back with `vi.unstubAllGlobals()`. */
export function fakeProcess(change: (fake: FakeProcess) => void = () => {}): FakeProcess {
  const fake = new FakeProcess();
  change(fake);
  vi.stubGlobal('process', fake);
  return fake;
}

/** The turn in which a listener was added is over. */
export async function turnEnds(): Promise<void> {
  await Promise.resolve();
}

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Answer, Order } from './runner-messages.ts';

const RUNNER = fileURLToPath(new URL('runner.ts', import.meta.url));

/** The process of runner.ts, started again after a mutant that did not end. */
export class TestProcess {
  #child: ChildProcess | undefined;

  /** @returns undefined if there was no answer in time */
  async ask(order: Order, timeoutMillis: number): Promise<Answer | undefined> {
    const child = (this.#child ??= await start());
    child.send(order);
    const timeout = AbortSignal.timeout(Math.ceil(timeoutMillis));
    try {
      return await nextAnswer(child, timeout);
    } catch (error) {
      this.stop();
      if (timeout.aborted) return undefined;
      throw error;
    }
  }

  stop(): void {
    const pid = this.#child?.pid;
    this.#child = undefined;
    // Vitest's workers are children of it; `detached` made them a group.
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  }
}

async function start(): Promise<ChildProcess> {
  const child = fork(RUNNER, { detached: true, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  await nextAnswer(child, AbortSignal.timeout(60_000));
  return child;
}

async function nextAnswer(child: ChildProcess, signal: AbortSignal): Promise<Answer> {
  const ended = new AbortController();
  const either = AbortSignal.any([signal, ended.signal]);
  const onExit = (): void => ended.abort(new Error('the process that runs the tests has ended'));
  child.once('exit', onExit);
  try {
    const [message]: Answer[] = await once(child, 'message', { signal: either });
    if (message === undefined) throw new Error('an empty answer');
    return message;
  } finally {
    child.off('exit', onExit);
  }
}

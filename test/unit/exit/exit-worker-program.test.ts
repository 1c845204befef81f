import { expect, it, onTestFinished, vi } from 'vitest';
import { processMillis } from '../../../src/clock/clock.ts';
import type { ExitMessage, ExitWork } from '../../../src/exit/exit-request.ts';
import { startBackend } from '../../support/backend.ts';
import { waitFor } from '../../support/wait-for.ts';
import { httpRequest } from './worker-programs.ts';

// The worker's program, in this thread: what it is given as a worker.
const given = vi.hoisted(() => {
  const { MessageChannel } = process.getBuiltinModule('node:worker_threads');
  const { port1: ownPort, port2: port } = new MessageChannel();
  return { ownPort, workerData: { port, changes: new Int32Array(new SharedArrayBuffer(4)) } };
});

vi.mock('node:worker_threads', async (original) => ({
  ...(await original<object>()),
  workerData: given.workerData,
}));

it('says that it has started, answers each request by its id, and tells of every answer', async () => {
  const { ownPort, workerData } = given;
  const { changes } = workerData;
  onTestFinished(() => ownPort.close());
  const woken = Atomics.waitAsync(changes, 0, 0);
  await import('../../../src/exit/sync-request.worker.ts');
  expect([await woken.value, Atomics.load(changes, 0)]).toEqual(['ok', 1]);

  const messages: ExitMessage[] = [];
  ownPort.on('message', (message: ExitMessage) => messages.push(message));
  const backend = await startBackend({ kind: 'ok' });
  const work = (id: number, lane: number): ExitWork => ({
    id,
    lane,
    maxInFlight: 1,
    deadline: processMillis() + 60_000,
    request: {
      ...httpRequest(`${backend.url}/v1/traces`),
      headers: { 'content-type': 'application/json' },
      body: Buffer.from('{"resourceSpans":[]}'),
    },
  });
  // Two of one lane, which is one connection, and one of another.
  for (const one of [work(1, 0), work(2, 0), work(3, 1)]) ownPort.postMessage(one);
  await waitFor(() => messages.length === 3, 'the answers');
  expect(messages.map(({ id }) => id).toSorted((a, b) => a - b)).toEqual([1, 2, 3]);
  expect(messages.map(({ answer }) => answer)).toMatchObject([{ code: 200 }, { code: 200 }, { code: 200 }]);
  expect([Atomics.load(changes, 0), backend.connections]).toEqual([4, 2]);
});

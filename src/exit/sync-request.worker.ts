import { MessagePort, workerData } from 'node:worker_threads';
import type { Attempt, ExitAnswer, ExitMessage, ExitRequest, ExitWork } from './exit-request.ts';
import { messageOf } from '../values/to-error.ts';
import { grpcAttempts, httpAttempts } from './export-attempts.ts';

/**
 * The program of the exit worker: sends all requests at once, tries again what may be tried again, says what became of each,
 * and wakes the thread that waits. It is started when a process ends and knows nothing of OpenTelemetry.
 */
const FIRST_PAUSE_MILLIS = 50;
const LONGEST_PAUSE_MILLIS = 400;
/** Where nobody listens, nobody will within the moment that is left: the process must not wait for it. */
const MAX_UNANSWERED = 3;

async function send(request: ExitRequest, until: number, signal: AbortSignal): Promise<ExitAnswer> {
  const attempt = attempts(request, until, signal);
  let pauseMillis = FIRST_PAUSE_MILLIS;
  let unanswered = 0;
  for (;;) {
    const { answer, retryAfterMillis } = await attempt();
    if (retryAfterMillis === undefined) return answer;
    if (answer.status === 'unanswered') unanswered += 1;
    const waitMillis = Math.max(retryAfterMillis, pauseMillis);
    if (unanswered === MAX_UNANSWERED || performance.now() + waitMillis >= until) return answer;
    await pause(waitMillis);
    pauseMillis = Math.min(pauseMillis * 2, LONGEST_PAUSE_MILLIS);
  }
}

function attempts(request: ExitRequest, until: number, signal: AbortSignal): () => Promise<Attempt> {
  return request.protocol === 'http' ? httpAttempts(request, signal) : grpcAttempts(request, until);
}

function pause(millis: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, millis);
  });
}

async function run(work: ExitWork, port: MessagePort): Promise<void> {
  // An integer: AbortSignal.timeout takes nothing else.
  const leftMillis = Math.max(0, Math.floor(work.deadline - Date.now()));
  const until = performance.now() + leftMillis;
  const signal = AbortSignal.timeout(leftMillis);
  const tell = async (request: ExitRequest, index: number): Promise<void> => {
    const message: ExitMessage = { index, answer: await answerOf(request, until, signal) };
    port.postMessage(message);
  };
  await Promise.all(work.requests.map(tell));
  const done = new Int32Array(work.done);
  Atomics.store(done, 0, 1);
  Atomics.notify(done, 0);
}

/** What cannot even be tried (a module that is gone, a certificate that is none) is refused, with its reason. */
async function answerOf(request: ExitRequest, until: number, signal: AbortSignal): Promise<ExitAnswer> {
  try {
    return await send(request, until, signal);
  } catch (error) {
    return { status: 'refused', message: messageOf(error) };
  }
}

// The port keeps the thread for more work; it ends with the process.
const port: unknown = workerData;
if (port instanceof MessagePort) port.on('message', (work: ExitWork) => void run(work, port));

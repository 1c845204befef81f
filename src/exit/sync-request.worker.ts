import { MessagePort, workerData } from 'node:worker_threads';
import { monotonicMillis, processMillis, setTimeout } from '../clock/clock.ts';
import type { Attempt, ExitAnswer, ExitMessage, ExitRequest, ExitWork } from './exit-request.ts';
import { messageOf } from '../values/thrown.ts';
import { grpcAttempts, httpAttempts } from './export-attempts.ts';

// The exit worker: sends all requests in parallel, retries those that may be retried, posts the answer of each, and wakes the
// thread that waits. It is started when the process ends, so it does not load OpenTelemetry.

const FIRST_PAUSE_MILLIS = 50;
const LONGEST_PAUSE_MILLIS = 400;
/** Attempts without an answer after which a request is given up: the process must not wait for a backend that is down. */
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
    if (unanswered === MAX_UNANSWERED || monotonicMillis() + waitMillis >= until) return answer;
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
  // AbortSignal.timeout takes integers only.
  const leftMillis = Math.max(0, Math.floor(work.deadline - processMillis()));
  const until = monotonicMillis() + leftMillis;
  const signal = AbortSignal.timeout(leftMillis);
  const sendAndReport = async (request: ExitRequest, index: number): Promise<void> => {
    const message: ExitMessage = { index, answer: await answerOf(request, until, signal) };
    port.postMessage(message);
  };
  await Promise.all(work.requests.map(sendAndReport));
  const done = new Int32Array(work.done);
  Atomics.store(done, 0, 1);
  Atomics.notify(done, 0);
}

/** A request that cannot be sent at all (a missing module, an invalid certificate) counts as refused, with the reason. */
async function answerOf(request: ExitRequest, until: number, signal: AbortSignal): Promise<ExitAnswer> {
  try {
    return await send(request, until, signal);
  } catch (error) {
    return { status: 'refused', message: messageOf(error) };
  }
}

// The listener keeps this thread alive for further calls; it ends with the process.
const port: unknown = workerData;
if (port instanceof MessagePort) port.on('message', (work: ExitWork) => void run(work, port));

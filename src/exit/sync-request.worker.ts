import { type MessagePort, workerData } from 'node:worker_threads';
import { gzipSync } from 'node:zlib';
import { HttpClient } from '../otlp/http-client.ts';
import { isRetryable } from '../otlp/retryable.ts';
import { retryAfterMillis } from '../otlp/retry-after.ts';
import type { ExitAnswer, ExitMessage, ExitRequest, ExitWork } from './exit-request.ts';

/**
 * The program of the exit worker: sends all requests at once, tries again what may be tried again, says what became of each,
 * and wakes the thread that waits. It is started when a process ends and knows nothing of OpenTelemetry.
 */
const MAX_CONNECTIONS = 10;
const FIRST_PAUSE_MILLIS = 50;
const LONGEST_PAUSE_MILLIS = 400;

async function send(request: ExitRequest, until: number, signal: AbortSignal): Promise<ExitAnswer> {
  const { headers, ca, key, cert } = request;
  const client = new HttpClient({ url: new URL(request.url), tls: { ca, key, cert }, maxConnections: MAX_CONNECTIONS });
  const body = request.gzip ? gzipSync(request.body) : request.body;
  let pauseMillis = FIRST_PAUSE_MILLIS;
  for (;;) {
    const answer = await client.post(body, headers, signal);
    const asked = answer.status === 'answered' ? retryAfterMillis(answer.headers['retry-after']) : 0;
    const wait = Math.max(asked, pauseMillis);
    if ((answer.status === 'answered' && !isRetryable(answer.code)) || performance.now() + wait >= until)
      return toAnswer(answer);
    await new Promise((resolve) => {
      setTimeout(resolve, wait);
    });
    pauseMillis = Math.min(pauseMillis * 2, LONGEST_PAUSE_MILLIS);
  }
}

function toAnswer(answer: Awaited<ReturnType<HttpClient['post']>>): ExitAnswer {
  if (answer.status === 'unanswered') return { status: 'unanswered', message: answer.error.message };
  return {
    status: 'answered',
    code: answer.code,
    contentType: answer.headers['content-type'] ?? '',
    body: new Uint8Array(answer.body),
  };
}

async function run(work: ExitWork, port: MessagePort): Promise<void> {
  const until = performance.now() + work.timeoutMillis;
  const signal = AbortSignal.timeout(work.timeoutMillis);
  const tell = async (request: ExitRequest, index: number): Promise<void> => {
    const message: ExitMessage = { index, answer: await send(request, until, signal) };
    port.postMessage(message);
  };
  // The client's sockets are unreferenced: something must keep this thread's loop alive.
  const hold = setTimeout(() => {}, work.timeoutMillis);
  await Promise.allSettled(work.requests.map(tell));
  clearTimeout(hold);
  const done = new Int32Array(work.done);
  Atomics.store(done, 0, 1);
  Atomics.notify(done, 0);
}

interface WorkerData {
  readonly work: ExitWork;
  readonly port: MessagePort;
}

const { work, port }: WorkerData = workerData;
void run(work, port);

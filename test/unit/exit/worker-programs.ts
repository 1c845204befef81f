import type { HttpExitRequest } from '../../../src/exit/exit-request.ts';

/** Programs in place of the exit worker's own, which answer without a backend. */
const PRELUDE = `
const { port, changes } = require('node:worker_threads').workerData;
const tell = () => { Atomics.add(changes, 0, 1); Atomics.notify(changes, 0); };
const answer = ({ id, request }, code = 200) => {
  const contentType = 'text/plain';
  port.postMessage({ id, answer: { status: 'answered', code, contentType, body: Buffer.from(request.url) } });
  tell();
};
tell();
`;

/** @param listener the body of a function that receives `work`, and knows `answer(work, code)` */
export function workerProgram(listener: string, before = ''): string {
  return `${PRELUDE}${before};port.on('message', (work) => { ${listener} })`;
}

/** Answers every request with 200. */
export const ANSWERS: string = workerProgram('answer(work)');
/** Never answers. */
export const IS_MUTE: string = workerProgram('');

export function httpRequest(url: string): HttpExitRequest {
  return {
    protocol: 'http',
    url,
    headers: {},
    gzip: false,
    body: new Uint8Array([1]),
    ca: undefined,
    key: undefined,
    cert: undefined,
  };
}

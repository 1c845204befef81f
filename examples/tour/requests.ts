import { within } from './within.ts';

export interface Request {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** Its body, as JSON. */
  readonly order?: object;
}

/** For display: `POST /checkout {"product":"tea","quantity":1}`. */
export function textOf({ method, path, order }: Request): string {
  return `${method.padEnd(4)} ${path}${order === undefined ? '' : ` ${JSON.stringify(order)}`}`;
}

/** @returns status and body of the response */
export function answerTo(request: Request, server: string, interruption: AbortSignal): Promise<string> {
  return within(exchange(request, server, interruption), () => `answer to ${textOf(request)}`, interruption);
}

/**
 * Waits until the connection breaks.
 * @throws an `Error` if there is a response
 */
export async function noAnswerTo(request: Request, server: string, interruption: AbortSignal): Promise<void> {
  let answer: string;
  try {
    const answered = exchange(request, server, interruption);
    answer = await within(answered, () => `end of ${textOf(request)}`, interruption);
  } catch (error) {
    // fetch rejects with a TypeError if there is no response: https://fetch.spec.whatwg.org/#concept-network-error
    if (error instanceof TypeError) return;
    throw error;
  }
  throw new Error(`${textOf(request)}: expected no answer (got ${answer})`);
}

async function exchange({ method, path, order }: Request, server: string, signal: AbortSignal): Promise<string> {
  const response = await fetch(server + path, {
    method,
    signal,
    ...(order === undefined ? {} : { body: JSON.stringify(order) }),
  });
  return `${response.status}  ${await response.text()}`;
}

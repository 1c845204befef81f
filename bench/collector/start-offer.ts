import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Encoding } from './made-requests.ts';

/** A line that the process of the load prints. */
export const FIRST_ACKNOWLEDGED = 'the first is acknowledged';

const offerFile = fileURLToPath(new URL('offer.ts', import.meta.url));

export interface Load {
  readonly url: string;
  readonly encoding: Encoding;
  readonly connections: number;
  readonly millis: number;
  readonly spans: number;
  readonly firstNumber: number;
}

export interface Offered {
  readonly elapsedMillis: number;
  /** Number of responses by status; `none` if the connection ended without one. */
  readonly statuses: Readonly<Record<string, number>>;
  readonly latencies: readonly number[];
  /** Numbers of the requests answered 200. */
  readonly acknowledged: readonly number[];
  readonly bytes: number;
}

/** @param onFirst called when the first request is answered 200 */
export async function startOffer(load: Load, onFirst: () => void = () => {}): Promise<Offered> {
  const { url, encoding, connections, millis, spans, firstNumber } = load;
  const args = [`${url}/v1/traces`, encoding, connections, millis, spans, firstNumber].map(String);
  const child = spawn(process.execPath, [offerFile, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const closed = once(child, 'close');
  let output = '';
  for await (const line of createInterface({ input: child.stdout })) {
    if (line === FIRST_ACKNOWLEDGED) onFirst();
    else output = line;
  }
  const [code] = await closed;
  if (code !== 0) throw new Error(`the load ended with exit code ${String(code)}`);
  const offered: Offered = JSON.parse(output);
  return offered;
}

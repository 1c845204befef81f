import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { Encoding } from './made-requests.ts';

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
  /** How often each status came; `none` where the connection ended instead. */
  readonly statuses: Readonly<Record<string, number>>;
  readonly latencies: readonly number[];
  /** Numbers of the requests answered 200. */
  readonly acknowledged: readonly number[];
  readonly bytes: number;
}

export async function startOffer(load: Load): Promise<Offered> {
  const { url, encoding, connections, millis, spans, firstNumber } = load;
  const args = [`${url}/v1/traces`, encoding, connections, millis, spans, firstNumber].map(String);
  const child = spawn(process.execPath, [offerFile, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'close')]);
  if (code !== 0) throw new Error(`the load ended with exit code ${String(code)}`);
  const offered: Offered = JSON.parse(output);
  return offered;
}

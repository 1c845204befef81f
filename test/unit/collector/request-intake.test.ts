import type { IncomingMessage } from 'node:http';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { BodyBudget } from '../../../src/collector/body/body-budget.ts';
import type { JsonlStorage } from '../../../src/collector/jsonl-storage.ts';
import { type Outcome, RequestIntake } from '../../../src/collector/request-intake.ts';
import { signals } from '../../../src/collector/signals.ts';
import { serve } from '../../support/http-server.ts';
import { waitFor } from '../../support/wait-for.ts';
import { openSocket } from './support/http-client.ts';
import { logs, RECORD } from './support/items.ts';

const MIB = 1024 * 1024;

interface Intake {
  readonly url: string;
  /** What the first request of a number came to. */
  readonly outcome: (number: number) => Promise<Outcome>;
  readonly request: (number: number) => IncomingMessage | undefined;
  /** Numbers of the requests that lines came of, in their order. */
  readonly stored: readonly number[];
  /** From now on the storage writes. */
  readonly open: () => void;
}

/** An intake of logs that are numbered in their path and in their bodies, before a storage that does not write yet. */
async function intake(): Promise<Intake> {
  const stored: number[] = [];
  const gate = Promise.withResolvers<void>();
  const storage: JsonlStorage = {
    async append(_signal, line) {
      const number = Number(/request (\d+)/.exec(line.toString())?.[1]);
      if (stored.at(-1) !== number) stored.push(number);
      await gate.promise;
      return { ok: true };
    },
    hasRoom: () => true,
    waitingBytes: () => 0,
    problems: () => [],
    close: () => Promise.resolve(),
  };
  const limits = { maxBytes: 16 * MIB, timeoutMillis: 60_000 };
  const requests = new RequestIntake({ storage, budget: new BodyBudget(64 * MIB), limits, onCounted: () => {} });
  const signal = signals.find(({ name }) => name === 'logs');
  if (signal === undefined) throw new Error('no logs');
  const taken = new Map<number, { readonly request: IncomingMessage; readonly outcome: Promise<Outcome> }>();
  const url = await serve((request, response) => {
    const form = { encoding: 'json', isGzip: request.headers['content-encoding'] === 'gzip' } as const;
    const outcome = requests.take(signal, form, request).finally(() => response.end());
    taken.set(Number(request.url?.slice(1)), { request, outcome });
  });
  return {
    url,
    outcome: (number) => waitFor(() => taken.get(number)?.outcome, `request ${number}`),
    request: (number) => taken.get(number)?.request,
    stored,
    open: gate.resolve,
  };
}

const body = (number: number, bytes: number): Buffer =>
  Buffer.from(JSON.stringify(logs({ ...RECORD, body: { stringValue: `request ${number}${'x'.repeat(bytes)}` } })));

function post(number: number, content: Buffer, headers = ''): string {
  return `POST /${number} HTTP/1.1\r\nhost: a\r\n${headers}content-length: ${content.length}\r\n\r\n`;
}

test.each([
  ['as it is', (bytes: Buffer): Buffer => bytes, ''],
  ['gzip', gzipSync, 'content-encoding: gzip\r\n'],
])(
  'large requests take turns; what has come is stored though its client has gone: %s',
  async (_what, made, headers) => {
    const { url, outcome, request, stored, open } = await intake();
    const sendLarge = async (number: number): Promise<{ destroy(): void }> => {
      const content = made(body(number, 2 * MIB));
      const socket = await openSocket(url);
      socket.write(post(number, content, headers));
      socket.write(content);
      await waitFor(() => request(number)?.complete, `request ${number} to have come`);
      return socket;
    };
    await sendLarge(1);
    await waitFor(() => stored.length === 1, 'the first to be stored');
    const second = await sendLarge(2);
    await sendLarge(3);
    second.destroy();
    await waitFor(() => request(2)?.socket.destroyed, 'the second client to be seen gone');
    // A small one does not wait for them.
    const small = body(4, 10);
    const socket = await openSocket(url);
    socket.write(Buffer.concat([Buffer.from(post(4, small)), small]));
    await waitFor(() => stored.includes(4), 'the small one to be stored');
    expect(stored).toEqual([1, 4]);
    open();
    expect([await outcome(1), await outcome(2), await outcome(3), await outcome(4)]).toMatchObject([
      { kind: 'accepted' },
      { kind: 'accepted' },
      { kind: 'accepted' },
      { kind: 'accepted' },
    ]);
    expect(stored).toEqual([1, 4, 2, 3]);
  },
);

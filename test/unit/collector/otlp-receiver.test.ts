import { gzipSync } from 'node:zlib';
import { describe, expect, onTestFinished, test } from 'vitest';
import { AllowedHosts } from '../../../src/request/allowed-hosts.ts';
import { Access } from '../../../src/collector/access.ts';
import { BodyBudget } from '../../../src/collector/body/body-budget.ts';
import { HttpListener } from '../../../src/collector/http-listener.ts';
import type { AppendResult } from '../../../src/jsonl/jsonl-file.ts';
import { OtlpReceiver } from '../../../src/collector/otlp-receiver.ts';
import { type SignalName, signals } from '../../../src/collector/signals.ts';
import { Deadline } from '../../../src/deadline/deadline.ts';
import { closeServer } from '../../../src/shutdown/close-server.ts';
import { waitFor } from '../../support/wait-for.ts';
import { type Answer, JSON_TYPE, openSocket, PROTOBUF_TYPE, send } from './support/http-client.ts';
import { SPAN, traces } from './support/items.ts';
import { decodeStatus } from './support/rpc-status.ts';
import { traceSample } from './support/sdk-samples.ts';

interface Append {
  readonly signal: SignalName;
  readonly line: string;
  readonly finish: (result: AppendResult | Promise<never>) => void;
}

interface Receiving {
  readonly url: string;
  readonly receiver: OtlpReceiver;
  readonly budget: BodyBudget;
  /** Writes the receiver is waiting for, in the order they came. */
  readonly appends: readonly Append[];
  readonly reported: readonly string[];
}

/** A receiver whose storage answers when the test says so. */
async function receiving(budgetBytes = 1_000_000, roomBytes = Infinity): Promise<Receiving> {
  const appends: Append[] = [];
  const reported: string[] = [];
  const report = (line: string): void => void reported.push(line);
  const budget = new BodyBudget(budgetBytes);
  const receiver = new OtlpReceiver({
    signals,
    storage: {
      append: (signal, line) =>
        new Promise((resolve) => appends.push({ signal: signal.name, line: line.toString(), finish: resolve })),
      hasRoom: (_signal, bytes) => bytes <= roomBytes,
      waitingBytes: () => 0,
      problems: () => [],
      close: () => Promise.resolve(),
    },
    access: new Access({ token: undefined, corsOrigins: [] }),
    hosts: new AllowedHosts([]),
    metrics: undefined,
    health: () => ({ ok: true, problems: [] }),
    budget,
    limits: { maxBytes: 500_000, timeoutMillis: 60_000 },
    about: 'about',
    report,
  });
  const listener = new HttpListener(
    { maxConnections: 10, headersTimeoutMillis: 60_000, bodyTimeoutMillis: 60_000, report },
    (request, response) => receiver.handle(request, response),
  );
  const { port } = await listener.listen('127.0.0.1', 0);
  onTestFinished(async () => void (await closeServer(listener.server, Deadline.after(1))));
  return { url: `http://127.0.0.1:${port}`, receiver, budget, appends, reported };
}

const body = JSON.stringify(traces(SPAN));
const nextAppend = (appends: readonly Append[], index = 0): Promise<Append> =>
  waitFor(() => appends[index], `append ${index}`);

describe('the answer waits for the write', () => {
  test('and is 200 only after it', async () => {
    const { url, receiver, appends, budget } = await receiving();
    let answer: Answer | undefined;
    const answered = send(`${url}/v1/traces`, { headers: JSON_TYPE, body }).then((value) => (answer = value));
    const append = await nextAppend(appends);
    expect({ answer, signal: append.signal, line: append.line, counts: receiver.counts().traces }).toEqual({
      answer: undefined,
      signal: 'traces',
      line: `${body}\n`,
      counts: { requests: 0, items: 0, rejected: 0, refused: 0 },
    });
    // The line is what is held now, no longer the body.
    expect(budget.used).toBe(body.length + 1);
    append.finish({ ok: true });
    expect(await answered).toMatchObject({ status: 200, body: Buffer.from('{}') });
    expect(receiver.counts().traces).toEqual({ requests: 1, items: 1, rejected: 0, refused: 0 });
    expect(budget.used).toBe(0);
  });

  test.each([
    ['before it is read', { body }],
    ['before it is decoded, where its length was not known', { body: gzipSync(body), gzip: true }],
  ])('and is 429 for what would not be taken, %s', async (_when, request) => {
    const { url, receiver, appends, budget } = await receiving(1_000_000, body.length - 1);
    const headers = { ...JSON_TYPE, ...('gzip' in request && { 'content-encoding': 'gzip' }) };
    const answer = await send(`${url}/v1/traces`, { headers, body: request.body });
    expect(answer).toMatchObject({ status: 429, headers: { 'retry-after': '1' } });
    expect(JSON.parse(answer.body.toString())).toEqual({
      code: 8,
      message: 'traces.jsonl: too many bytes wait to be written; try again',
    });
    expect([appends, budget.used, receiver.counts().traces.refused]).toEqual([[], 0, 1]);
  });

  test('and is 503, to come again, when it fails', async () => {
    const { url, receiver, appends } = await receiving();
    const answered = send(`${url}/v1/traces`, { headers: PROTOBUF_TYPE, body: traceSample(1).protobuf });
    (await nextAppend(appends)).finish({
      ok: false,
      reason: 'write-failed',
      error: new Error('ENOSPC: no space left on device'),
    });
    const answer = await answered;
    expect(answer).toMatchObject({ status: 503, headers: { ...PROTOBUF_TYPE, 'retry-after': '5' } });
    expect(decodeStatus(answer.body)).toEqual({
      code: 14,
      message:
        'cannot write traces.jsonl (ENOSPC: no space left on device); not all of this request was stored, try again',
    });
    expect(receiver.counts().traces).toEqual({ requests: 0, items: 0, rejected: 0, refused: 1 });
  });

  test('and is 503 when something is wrong with us, which is reported', async () => {
    const { url, receiver, appends, budget, reported } = await receiving();
    const answered = send(`${url}/v1/logs`, { headers: JSON_TYPE, body: '{"resourceLogs":[{}]}' });
    (await nextAppend(appends)).finish(Promise.reject(new Error('a bug')));
    const answer = await answered;
    expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': '5' } });
    expect(JSON.parse(answer.body.toString())).toEqual({
      code: 14,
      message: 'an internal error; try again',
    });
    expect(reported).toEqual([expect.stringMatching(/^\/v1\/logs: Error: a bug\n +at /)]);
    expect({ used: budget.used, counts: receiver.counts().logs }).toEqual({
      used: 0,
      counts: { requests: 0, items: 0, rejected: 0, refused: 1 },
    });
  });
});

test('while storage is stuck the budget fills, others are told to come again, and later they are taken', async () => {
  const { url, appends, receiver, budget } = await receiving(200_000);
  const large = `{"resourceSpans":[{"schemaUrl":"${'x'.repeat(150_000)}"}]}`;
  const first = send(`${url}/v1/traces`, { headers: JSON_TYPE, body: large });
  const append = await nextAppend(appends);
  expect(await send(`${url}/v1/traces`, { headers: JSON_TYPE, body: large })).toMatchObject({
    status: 429,
    headers: { 'retry-after': '1' },
  });
  append.finish({ ok: true });
  expect(await first).toMatchObject({ status: 200 });
  const third = send(`${url}/v1/traces`, { headers: JSON_TYPE, body: large });
  (await nextAppend(appends, 1)).finish({ ok: true });
  expect(await third).toMatchObject({ status: 200 });
  expect({ used: budget.used, counts: receiver.counts().traces }).toEqual({
    used: 0,
    counts: { requests: 2, items: 0, rejected: 0, refused: 1 },
  });
});

test('a client that goes away is counted nowhere and holds nothing', async () => {
  const { url, receiver, budget } = await receiving();
  const socket = await openSocket(url);
  socket.write(
    'POST /v1/traces HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{',
  );
  await waitFor(() => budget.used > 0, 'the body to begin');
  socket.destroy();
  await waitFor(() => budget.used === 0, 'the budget to be free');
  expect(receiver.counts().traces).toEqual({ requests: 0, items: 0, rejected: 0, refused: 0 });
});

test('an empty request is accepted and not stored', async () => {
  const { url, receiver, appends } = await receiving();
  const answers = [
    await send(`${url}/v1/metrics`, { headers: PROTOBUF_TYPE, body: Buffer.alloc(0) }),
    await send(`${url}/v1/metrics`, { headers: JSON_TYPE, body: '{"resourceMetrics":[]}' }),
  ];
  expect(answers.map(({ status, body: text }) => `${status} ${text.toString()}`)).toEqual(['200 ', '200 {}']);
  expect({ appends, counts: receiver.counts().metrics }).toEqual({
    appends: [],
    counts: { requests: 2, items: 0, rejected: 0, refused: 0 },
  });
});

import { describe, expect, test } from 'vitest';
import { BodyBudget } from '../../../../src/collector/body/body-budget.ts';
import { type Body, type BodyLimits, readBody } from '../../../../src/collector/body/request-body.ts';
import { openSocket, send } from '../support/http-client.ts';
import { serve } from '../../../support/http-server.ts';

interface Reading {
  readonly url: string;
  readonly body: Promise<Body>;
  readonly budget: BodyBudget;
}

/** A server that reads the body of the one request it gets. */
async function reading(limits: Partial<BodyLimits> = {}, budgetBytes = 1_000_000): Promise<Reading> {
  const budget = new BodyBudget(budgetBytes);
  const { promise: body, resolve } = Promise.withResolvers<Body>();
  const url = await serve((request, response) => {
    const read = readBody(request, { maxBytes: 500_000, timeoutMillis: 60_000, ...limits }, budget.lease());
    resolve(read.finally(() => response.end()));
  });
  return { url, body, budget };
}

const refusalOf = (body: Body): unknown => (body.ok ? body.bytes.length : body.refusal);

describe('a body', () => {
  test.each([
    ['none', 0],
    ['small', 3],
    ['of the first capacity', 65_536],
    ['one byte more', 65_537],
    ['as large as allowed', 500_000],
  ])('%s, with its length declared and in chunks', async (_size, length) => {
    const bytes = Buffer.alloc(length, 'ab');
    for (const headers of [{ 'content-length': String(length) }, { 'transfer-encoding': 'chunked' }]) {
      const { url, body, budget } = await reading();
      await send(url, { body: bytes, headers });
      expect(await body).toEqual({ ok: true, bytes });
      expect(budget.used).toBe(length);
    }
  });

  test('of megabytes grows in its place', async () => {
    const bytes = Buffer.alloc(5_000_001, 'abc');
    for (const headers of [{ 'content-length': '5000001' }, { 'transfer-encoding': 'chunked' }]) {
      const { url, body, budget } = await reading({ maxBytes: 6_000_000 }, 6_000_000);
      await send(url, { body: bytes, headers });
      const read = await body;
      expect(read.ok && read.bytes.equals(bytes)).toBe(true);
      expect(budget.used).toBe(5_000_001);
    }
  });

  test('of one-byte chunks costs no more than another', async () => {
    const { url, body, budget } = await reading();
    const socket = await openSocket(url);
    socket.write(
      `POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n${'1\r\nx\r\n'.repeat(50_000)}0\r\n\r\n`,
    );
    expect(await body).toEqual({ ok: true, bytes: Buffer.alloc(50_000, 'x') });
    expect(budget.used).toBe(50_000);
  });

  test('too large by its declared length is not waited for', async () => {
    const { url, body, budget } = await reading({ maxBytes: 10 });
    const socket = await openSocket(url);
    socket.write('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 11\r\n\r\n');
    expect(refusalOf(await body)).toEqual({
      status: 413,
      message: 'the body may hold 10 bytes (got 11 bytes); nothing of it was stored',
    });
    expect(budget.used).toBe(0);
  });

  test('too large without a declared length is refused when it shows', async () => {
    const { url, body } = await reading({ maxBytes: 10 });
    await send(url, { body: 'x'.repeat(11), headers: { 'transfer-encoding': 'chunked' } });
    expect(refusalOf(await body)).toEqual({
      status: 413,
      message: 'the body may hold 10 bytes (got more than that); nothing of it was stored',
    });
  });

  test('that the budget has no room for may come again', async () => {
    const { url, body, budget } = await reading({}, 100_000);
    // Another one holds some of it.
    budget.lease().force(1);
    await send(url, { body: 'x'.repeat(200_000) });
    expect(refusalOf(await body)).toMatchObject({ status: 429, headers: { 'retry-after': '1' } });
  });

  test('that does not come in time is a 408', async () => {
    const { url, body } = await reading({ timeoutMillis: 20 });
    const socket = await openSocket(url);
    socket.write('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nabc');
    expect(refusalOf(await body)).toEqual({
      status: 408,
      message: 'the body did not arrive within 20 ms',
      headers: { connection: 'close' },
    });
  });

  test('whose client goes away is abandoned', async () => {
    const { url, body } = await reading();
    const socket = await openSocket(url);
    socket.write('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nabc');
    socket.destroy();
    expect(await body).toEqual({ ok: false, refusal: undefined });
  });
});

import { setImmediate as nextTurn } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { BodyBudget, type BodyLease } from '../../../../src/collector/body/body-budget.ts';
import { gunzip as begin, LargeGzip } from '../../../../src/collector/body/gunzip.ts';
import type { Body } from '../../../../src/collector/body/request-body.ts';

const withoutChecksum = (gzip: Buffer): Buffer => gzip.fill(0, gzip.length - 8, gzip.length - 4);

const refusalOf = (body: Body): unknown => (body.ok ? body.bytes.length : body.refusal);

/** What is large is inflated at once, too. */
async function gunzip(compressed: Buffer, maxBytes: number, lease: BodyLease): Promise<Body> {
  const begun = begin(compressed, maxBytes, lease);
  return begun instanceof LargeGzip ? begun.inflate() : begun;
}

describe('gunzip', () => {
  const text = Buffer.alloc(1000, 'telemetry');
  const lease = (limit = 10_000_000): BodyLease => new BodyBudget(limit).lease();

  test('takes one member or several, up to the limit', async () => {
    expect(await gunzip(gzipSync(text), 1000, lease())).toEqual({ ok: true, bytes: text });
    expect(await gunzip(Buffer.concat([gzipSync('ab'), gzipSync('cd')]), 4, lease())).toEqual({
      ok: true,
      bytes: Buffer.from('abcd'),
    });
  });

  test('holds what is inflated, and asks for it before', async () => {
    const budget = new BodyBudget(1_000_000);
    const zipped = gzipSync(Buffer.alloc(600_000));
    const first = budget.lease();
    expect(await gunzip(zipped, 1_000_000, first)).toMatchObject({ ok: true });
    expect(budget.used).toBe(600_000);
    expect(refusalOf(await gunzip(zipped, 1_000_000, budget.lease()))).toMatchObject({ status: 429 });
    // Two members: the size of the last is all that the end tells.
    expect(refusalOf(await gunzip(Buffer.concat([zipped, gzipSync('x')]), 1_000_000, budget.lease()))).toMatchObject({
      status: 429,
    });
  });

  test('takes large ones, too, whatever their end says, and gives back what it does not need', async () => {
    const large = Buffer.alloc(5_000_000, 'telemetry');
    for (const zipped of [
      gzipSync(large),
      Buffer.concat([gzipSync(large.subarray(0, 4_999_990)), gzipSync(large.subarray(4_999_990))]),
    ]) {
      const budget = new BodyBudget(10_000_000);
      const body = await gunzip(zipped, 5_000_000, budget.lease());
      expect(body.ok && body.bytes.equals(large)).toBe(true);
      expect(budget.used).toBe(5_000_000);
    }
  });

  test('stops at the limit where the end lies', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000));
    bomb.writeUInt32LE(2_000_000, bomb.length - 4);
    const budget = new BodyBudget(100_000_000);
    expect(refusalOf(await gunzip(bomb, 3_000_000, budget.lease()))).toMatchObject({ status: 413 });
    expect(budget.used).toBeLessThan(3_000_000 + bomb.length);
  });

  test('leaves what is large for its turn, and asks for what it says that it holds', () => {
    const large = gzipSync(Buffer.alloc(3_000_000));
    const budget = new BodyBudget(3_500_000);
    const first = begin(large, 5_000_000, budget.lease());
    expect(first).toBeInstanceOf(LargeGzip);
    expect(budget.used).toBe(large.length + 3_000_000);
    expect(begin(large, 5_000_000, budget.lease())).toMatchObject({ refusal: { status: 429 } });
  });

  test('nobody else gets its share while it is inflated', async () => {
    const budget = new BodyBudget(3_500_000);
    const large = begin(gzipSync(Buffer.alloc(3_000_000)), 5_000_000, budget.lease());
    if (!(large instanceof LargeGzip)) throw new Error('not large');
    let body: Body | undefined;
    const inflating = large.inflate().then((inflated) => (body = inflated));
    const other = budget.lease();
    const taken: boolean[] = [];
    while (body === undefined) {
      taken.push(other.resize(600_000));
      await nextTurn();
    }
    expect(await inflating).toMatchObject({ ok: true });
    expect(taken).not.toContain(true);
  });

  test('of what says that it is too large nothing is kept to find out whether that is true', async () => {
    for (const bomb of [gzipSync(Buffer.alloc(50_000_000)), Buffer.concat([gzipSync('x'), Buffer.alloc(4, 255)])]) {
      const budget = new BodyBudget(100_000_000);
      const refusal = refusalOf(await gunzip(bomb, 3_000_000, budget.lease()));
      expect(refusal).toMatchObject({ status: bomb.length > 1000 ? 413 : 400 });
      expect(budget.used).toBeLessThanOrEqual(bomb.length);
    }
  });

  test('stops at the limit', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000));
    expect(refusalOf(await gunzip(bomb, 999, lease()))).toEqual({
      status: 413,
      message: 'the body may hold 999 bytes (got more than that when decompressed); nothing of it was stored',
    });
  });

  test.each([
    ['that is none', Buffer.from('{}')],
    ['that is empty', Buffer.alloc(0)],
    ['that is cut off', gzipSync(text).subarray(0, 12)],
    ['that is cut within its trailer', gzipSync(text).subarray(0, -3)],
    ['with a newline behind it', Buffer.concat([gzipSync(text), Buffer.from('\n')])],
    ['with zeros behind it', Buffer.concat([gzipSync(text), Buffer.alloc(9)])],
    ['of which the second member is cut', Buffer.concat([gzipSync(text), gzipSync('x').subarray(0, -1)])],
    ['that is large and has zeros behind it', Buffer.concat([gzipSync(Buffer.alloc(3_000_000)), Buffer.alloc(9)])],
    ['with a wrong checksum', withoutChecksum(gzipSync(text))],
  ])('refuses gzip %s', async (_what, bytes) => {
    expect(refusalOf(await gunzip(bytes, 4_000_000, lease()))).toMatchObject({
      status: 400,
      message: expect.stringMatching(/^the body is not valid gzip \(.+\); nothing of this request was stored$/),
    });
  });
});

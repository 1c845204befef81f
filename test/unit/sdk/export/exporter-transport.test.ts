import { type ExportResult, ExportResultCode } from '@opentelemetry/core';
import { describe, expect, it } from 'vitest';
import { exporterDelivery, exporterTransport } from '../../../../src/sdk/export/exporter-transport.ts';

const failing = (error: Error | undefined) => ({
  export: (_items: number[], done: (result: ExportResult) => void) =>
    done({ code: ExportResultCode.FAILED, ...(error === undefined ? {} : { error }) }),
});
const withCode = (code: string | number) => Object.assign(new Error('no'), { code });
const never = new AbortController().signal;

describe('delivery through an exporter of the SDK', () => {
  it('is acknowledged where the exporter says so', async () => {
    const items: number[][] = [];
    const deliver = exporterDelivery<number>({
      export(given, done) {
        items.push(given);
        done({ code: ExportResultCode.SUCCESS });
      },
    });
    expect(await deliver([1, 2], never)).toEqual({ status: 'delivered', rejected: 0, message: '' });
    expect(items).toEqual([[1, 2]]);
  });

  it.each([
    [400, 'refused'],
    [401, 'refused'],
    [404, 'refused'],
    [413, 'too_large'],
    [500, 'refused'],
    [429, 'failed'],
    [502, 'failed'],
    [503, 'failed'],
    [504, 'failed'],
    // gRPC: INVALID_ARGUMENT, PERMISSION_DENIED, UNAUTHENTICATED; DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, UNAVAILABLE.
    [3, 'refused'],
    [7, 'refused'],
    [16, 'refused'],
    [4, 'failed'],
    [8, 'failed'],
    [14, 'failed'],
    ['ECONNREFUSED', 'failed'],
  ])('code %s: %s', async (code, status) => {
    const error = withCode(code);
    expect(await exporterDelivery(failing(error))([1], never)).toMatchObject({ status, error });
  });

  it('a message that is too large for a gRPC server is halved, not repeated', async () => {
    const error = Object.assign(new Error('8 RESOURCE_EXHAUSTED: Received message larger than max (2 vs 1)'), {
      code: 8,
    });
    expect(await exporterDelivery(failing(error))([1], never)).toEqual({ status: 'too_large', error });
  });

  it('an error that is no Error is one: an exporter in JavaScript may give any value', async () => {
    const exporter = {
      export(_items: number[], done: (result: ExportResult) => void): void {
        Reflect.apply(done, undefined, [{ code: ExportResultCode.FAILED, error: 'boom' }]);
      },
    };
    const error = new Error('boom');
    expect(await exporterDelivery(exporter)([1], never)).toEqual({ status: 'failed', error, retryAfterMillis: 0 });
    const last = exporterTransport(exporter).finalDelivery?.([1]);
    expect(last?.kind === 'sync' && last.deliver(Infinity)).toEqual({ status: 'failed', error, retryAfterMillis: 0 });
  });

  it.each([undefined, new Error('no')])('a failure without a code does not block the queue for ever', async (error) => {
    const deliver = exporterDelivery(failing(error));
    const [first, second] = [[1], [2]];
    const statuses: string[] = [];
    for (let attempt = 1; attempt <= 8; attempt += 1) statuses.push((await deliver(first, never)).status);
    expect(statuses).toEqual([...Array.from({ length: 7 }, () => 'failed'), 'refused']);
    expect((await deliver(second, never)).status).toBe('failed');
  });

  it('ends with its attempt', async () => {
    const attempt = new AbortController();
    const result = exporterDelivery({ export() {} })([1], attempt.signal);
    attempt.abort(new Error('no answer within 10 ms'));
    expect(await result).toMatchObject({ status: 'failed', error: { message: 'no answer within 10 ms' } });
  });

  it('at the end of the process: delivered by an exporter that is synchronous, lost by any other', () => {
    const deliverAtTheEnd = (exporter: Parameters<typeof exporterTransport<number>>[0]) => {
      const final = exporterTransport(exporter).finalDelivery?.([1]);
      return final?.kind === 'sync' ? final.deliver(Infinity).status : undefined;
    };
    expect([
      deliverAtTheEnd({ export: (_, done) => done({ code: ExportResultCode.SUCCESS }) }),
      deliverAtTheEnd({ export: (_, done) => void setImmediate(done, { code: ExportResultCode.SUCCESS }) }),
      deliverAtTheEnd(failing(new Error('no'))),
    ]).toEqual(['delivered', 'failed', 'failed']);
  });
});

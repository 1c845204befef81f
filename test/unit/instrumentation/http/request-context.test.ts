import { createContextKey, propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { getRPCMetadata, RPCType } from '@opentelemetry/core';
import { expect, it } from 'vitest';
import { RequestContext } from '../../../../src/instrumentation/http/request-context.ts';

const span = trace.wrapSpanContext({ traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: 1 });
const other = trace.wrapSpanContext({ traceId: '3'.repeat(32), spanId: '4'.repeat(16), traceFlags: 1 });
const rpc = { type: RPCType.HTTP, span } as const;
const KEY = createContextKey('key');
const baggage = propagation.createBaggage({ a: { value: 'b' } });
const parent = propagation.setBaggage(trace.setSpan(ROOT_CONTEXT, other), baggage);

it('has the span, the RPC metadata, and what its parent has', () => {
  const context = new RequestContext(parent, span, rpc);
  expect(trace.getSpan(context)).toBe(span);
  expect(getRPCMetadata(context)).toBe(rpc);
  expect(propagation.getBaggage(context)).toBe(baggage);
  expect(context.getValue(KEY)).toBeUndefined();
});

it('is changed as any other', () => {
  const context = new RequestContext(parent, span, rpc);
  const more = context.setValue(KEY, 'value');
  expect(more.getValue(KEY)).toBe('value');
  expect(trace.getSpan(more)).toBe(span);
  expect(getRPCMetadata(more)).toBe(rpc);
  expect(propagation.getBaggage(more)).toBe(baggage);
  const child = trace.setSpan(context, other);
  expect(trace.getSpan(child)).toBe(other);
  expect(getRPCMetadata(child)).toBe(rpc);
  const without = trace.deleteSpan(context);
  expect(trace.getSpan(without)).toBeUndefined();
  expect(getRPCMetadata(without)).toBe(rpc);
  expect(context.getValue(KEY)).toBeUndefined();
  expect(trace.getSpan(context)).toBe(span);
});

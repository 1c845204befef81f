import {
  baggageEntryMetadataFromString,
  context,
  defaultTextMapGetter,
  defaultTextMapSetter,
  propagation,
  ROOT_CONTEXT,
  trace,
} from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { getRPCMetadata, RPCType, setRPCMetadata } from '@opentelemetry/core';
import { describe, expect, it, onTestFinished, test } from 'vitest';
import { linkRequest } from '../../../src/instrumentation/routes/request-route.ts';
import { createPropagator } from '../../../src/sdk/propagator.ts';

const IDS = `${'a'.repeat(32)}-${'b'.repeat(16)}`;
const propagator = createPropagator(['tracecontext', 'baggage']);

/** What goes on to the next service where nothing of ours is recorded between. */
function passOn(headers: Readonly<Record<string, string>>): Record<string, string> {
  const carrier: Record<string, string> = {};
  const extracted = propagator.extract(ROOT_CONTEXT, headers, defaultTextMapGetter);
  propagator.inject(extracted, carrier, defaultTextMapSetter);
  return carrier;
}

describe('traceparent', () => {
  // W3C Trace Context, section 3.2.2.5.2
  test.each([
    ['00', '00'],
    ['01', '01'],
    ['02', '02'],
    ['03', '03'],
    ['ff', '03'],
    ['10', '00'],
    ['fe', '02'],
  ])('flags %s go on as %s', (received, sent) => {
    expect(passOn({ traceparent: `00-${IDS}-${received}` })).toEqual({ traceparent: `00-${IDS}-${sent}` });
  });

  test('of a span context that is wrong has two digits', () => {
    const carrier: Record<string, string> = {};
    const [traceId, spanId] = ['a'.repeat(32), 'b'.repeat(16)];
    const context = trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags: 0x1fd });
    propagator.inject(context, carrier, defaultTextMapSetter);
    expect(carrier).toEqual({ traceparent: `00-${IDS}-01` });
  });
});

describe('tracestate', () => {
  // W3C Trace Context, section 3.3.1.1
  test.each([
    ['==,,bad', undefined],
    [',', undefined],
    ['', undefined],
    ['A=1', undefined],
    ['a=1,,bad', 'a=1'],
    ['a=1,b=2', 'a=1,b=2'],
  ])('%j goes on as %j', (received, sent) => {
    const traceparent = `00-${IDS}-01`;
    expect(passOn({ traceparent, tracestate: received })).toEqual({ traceparent, ...(sent && { tracestate: sent }) });
  });
});

describe('baggage', () => {
  const inject = (entries: Parameters<typeof propagation.createBaggage>[0]): Record<string, string> => {
    const carrier: Record<string, string> = {};
    propagator.inject(
      propagation.setBaggage(ROOT_CONTEXT, propagation.createBaggage(entries)),
      carrier,
      defaultTextMapSetter,
    );
    return carrier;
  };

  it.each(['line\nbreak', 'line\r\nx-own: 1', '\u{1F600}', 'ł', '\0', '\x7F'])(
    'an entry whose metadata is %j is left out, the others go on',
    (text) => {
      const metadata = baggageEntryMetadataFromString(text);
      expect(inject({ a: { value: '1' }, b: { value: '2', metadata }, c: { value: '3' } })).toEqual({
        baggage: 'a=1,c=3',
      });
      expect(inject({ b: { value: '2', metadata } })).toEqual({});
    },
  );

  it.each(['é', 'line\nbreak', '\u{1F600}', 'a b'])('%j as a key and a value is encoded', (text) => {
    const encoded = encodeURIComponent(text);
    expect(inject({ [text]: { value: text } })).toEqual({ baggage: `${encoded}=${encoded}` });
  });
});

it('what is extracted from the headers of a request while it is served belongs to that request', () => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  onTestFinished(() => context.disable());
  const headers = { traceparent: `00-${IDS}-01` };
  const rpc = { type: RPCType.HTTP as const, span: trace.wrapSpanContext({ traceId: '', spanId: '', traceFlags: 0 }) };
  linkRequest(rpc, { headers, route: undefined, setRoute() {}, answerError() {} });
  const extract = (carrier: object): unknown =>
    getRPCMetadata(propagator.extract(ROOT_CONTEXT, carrier, defaultTextMapGetter));
  const served = context.with(setRPCMetadata(ROOT_CONTEXT, rpc), () => [extract(headers), extract({ ...headers })]);
  expect([...served, extract(headers)]).toEqual([rpc, undefined, undefined]);
});

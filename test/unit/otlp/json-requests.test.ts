import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { emptyResource } from '@opentelemetry/resources';
import { InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { describe, expect, it } from 'vitest';
import { traceRequest } from '../../../src/otlp/json-requests.ts';
import { anyValue } from '../../../src/otlp/json-values.ts';
import { isLinkContext, text } from '../../../src/otlp/mend-items.ts';

const CONTEXT = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: 1 };

function spanWith(values: { readonly [key in keyof ReadableSpan]?: unknown }): ReadableSpan {
  const exporter = new InMemorySpanExporter();
  new TracerProvider({ resource: emptyResource(), spanProcessors: [new SimpleSpanProcessor({ exporter })] })
    .getTracer('test')
    .startSpan('span', { kind: SpanKind.CLIENT })
    .end();
  const [span] = exporter.getFinishedSpans();
  if (span === undefined) throw new Error('no span ended');
  return Object.assign(span, values);
}

function sent(span: ReadableSpan): unknown {
  const request: { resourceSpans?: readonly { scopeSpans: readonly { spans: readonly unknown[] }[] }[] } = JSON.parse(
    JSON.stringify(traceRequest([span])),
  );
  return request.resourceSpans?.[0]?.scopeSpans[0]?.spans[0];
}

describe('traceRequest', () => {
  it('has events and links without attributes', () => {
    expect(sent(spanWith({ events: [{ name: 'e', time: [1, 5] }], links: [{ context: CONTEXT }] }))).toMatchObject({
      events: [{ name: 'e', timeUnixNano: '1000000005', attributes: [], droppedAttributesCount: 0 }],
      links: [{ spanId: CONTEXT.spanId, attributes: [], droppedAttributesCount: 0, flags: 0x101 }],
    });
  });

  it('says what was dropped of them', () => {
    const dropped = { droppedAttributesCount: 3, attributes: { a: 1 } };
    expect(
      sent(spanWith({ events: [{ name: 'e', time: [1, 0], ...dropped }], links: [{ context: CONTEXT, ...dropped }] })),
    ).toMatchObject({
      events: [{ attributes: [{ key: 'a' }], droppedAttributesCount: 3 }],
      links: [{ attributes: [{ key: 'a' }], droppedAttributesCount: 3 }],
    });
  });

  it.each([
    [undefined, 0x101],
    [{ ...CONTEXT, isRemote: true }, 0x301],
    [{ ...CONTEXT, isRemote: false }, 0x101],
  ])('says whether the parent is of another process: %o', (parentSpanContext, flags) => {
    expect(sent(spanWith({ parentSpanContext }))).toMatchObject({ flags, kind: 3 });
  });

  it('has no parent where its id is empty, and the status as it is', () => {
    const span = spanWith({
      parentSpanContext: { ...CONTEXT, spanId: '' },
      status: { code: SpanStatusCode.ERROR, message: 'no' },
    });
    expect(sent(span)).toMatchObject({ status: { code: 2, message: 'no' } });
    expect(sent(span)).not.toHaveProperty('parentSpanId');
  });
});

describe('isLinkContext', () => {
  it.each<[unknown, boolean]>([
    [CONTEXT, true],
    [{ ...CONTEXT, traceFlags: undefined }, true],
    [{ ...CONTEXT, traceState: { serialize: () => '' } }, true],
    [{ ...CONTEXT, traceFlags: '1' }, false],
    [{ ...CONTEXT, traceState: null }, false],
    [{ ...CONTEXT, traceState: 'a=b' }, false],
    [{ ...CONTEXT, traceState: {} }, false],
    [{ ...CONTEXT, traceId: `${CONTEXT.traceId}0` }, false],
    [{ ...CONTEXT, traceId: `x${CONTEXT.traceId}` }, false],
    [{ ...CONTEXT, spanId: 'b7ad6b716920333' }, false],
    [{ ...CONTEXT, spanId: 7 }, false],
    [null, false],
    [undefined, false],
    ['context', false],
    [Object.assign(() => {}, CONTEXT), false],
  ])('of %o is %s', (context, is) => {
    expect(isLinkContext(context)).toBe(is);
  });
});

describe('values that OTLP has no form for', () => {
  it.each([undefined, null, () => {}, Symbol('s'), 5n])('are empty: %s', (value) => {
    expect(anyValue(value)).toEqual({});
  });

  it.each<[unknown, string | undefined]>([
    ['text', 'text'],
    [5, '5'],
    [true, 'true'],
    [7n, '7'],
    [{}, undefined],
    [null, undefined],
    [Symbol('s'), undefined],
  ])('are a text where they have one worth reading: %o', (value, expected) => {
    expect(text(value)).toBe(expected);
  });
});

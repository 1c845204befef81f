import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { isMessage, listOf, type CanonicalMessage } from '../../../../src/collector/codec/canonical.ts';
import { decode, type Encoding, splitRequest } from '../../../../src/collector/codec/otlp-codec.ts';
import { encodeProtobuf } from '../../../../src/collector/codec/otlp-protobuf.ts';
import { MAX_ENVELOPE_BYTES, MAX_ITEM_BYTES, PIECE_BYTES } from '../../../../src/collector/codec/piece.ts';
import { SPAN } from '../support/items.ts';

interface Cut {
  readonly pieces: readonly CanonicalMessage[];
  readonly sizes: readonly number[];
  /** Items that were too large. */
  readonly oversized: number;
  readonly failure: string | undefined;
}

function cut(encoding: Encoding, body: Buffer): Cut {
  const pieces: CanonicalMessage[] = [];
  const sizes: number[] = [];
  let oversized = 0;
  for (const part of splitRequest(encoding, 'TracesData', body)) {
    if (part.kind === 'failure') return { pieces, sizes, oversized, failure: part.failure.message };
    if (part.kind === 'oversized') {
      oversized += 1;
      continue;
    }
    const decoded = decode(encoding, 'TracesData', part.body);
    if (!decoded.ok) return { pieces, sizes, oversized, failure: decoded.failure.message };
    pieces.push(decoded.data);
    sizes.push(part.body.length);
  }
  return { pieces, sizes, oversized, failure: undefined };
}

/** Each span with what it is wrapped in: what must be the same however a request is cut. */
function spansOf(pieces: readonly CanonicalMessage[]): readonly unknown[] {
  return pieces.flatMap((piece) =>
    listOf(piece, 'resourceSpans').flatMap((resource) => {
      if (!isMessage(resource)) return [];
      return listOf(resource, 'scopeSpans').flatMap((scope) => {
        if (!isMessage(scope)) return [];
        const around = [resource['resource'], resource['schemaUrl'], scope['scope'], scope['schemaUrl']];
        return listOf(scope, 'spans').map((span) => [...around, span]);
      });
    }),
  );
}

const span = (index: number, bytes = 10_000): object => ({ ...SPAN, name: `${index} ${'ä"\\'.repeat(bytes / 4)}` });
const spans = (count: number, first = 0): object[] => Array.from({ length: count }, (_, index) => span(first + index));
const resource = (name: string) => ({ attributes: [{ key: 'service.name', value: { stringValue: name } }] });

const requests: Readonly<Record<string, object>> = {
  'one scope with many spans': {
    resourceSpans: [
      {
        resource: resource('one'),
        scopeSpans: [{ scope: { name: 's', version: '1' }, spans: spans(400), schemaUrl: 'u2' }],
        schemaUrl: 'u1',
      },
    ],
  },
  'many resources, some of them large': {
    resourceSpans: [
      { resource: resource('small'), scopeSpans: [{ spans: spans(2) }] },
      {
        resource: resource('large'),
        scopeSpans: [
          { scope: { name: 'a' }, spans: spans(150, 100) },
          { scope: { name: 'b' }, spans: spans(50, 300) },
        ],
      },
      {},
      { scopeSpans: [{}, { spans: spans(3, 500) }] },
      { resource: resource('last'), scopeSpans: [{ spans: spans(130, 700) }] },
    ],
  },
  'one span larger than a piece': {
    resourceSpans: [{ scopeSpans: [{ spans: [span(1), span(2, 2_000_000), span(3)] }] }],
  },
};

const encodings: Readonly<Record<Encoding, (request: object) => Buffer>> = {
  json: (request) => Buffer.from(JSON.stringify(request, undefined, 1)),
  protobuf: (request) => {
    const decoded = decode('json', 'TracesData', Buffer.from(JSON.stringify(request)));
    if (!decoded.ok) throw new Error(decoded.failure.message);
    return Buffer.from(encodeProtobuf('TracesData', decoded.data));
  },
};

describe.each(['json', 'protobuf'] as const)('a large request in %s', (encoding) => {
  test.each(Object.entries(requests))('%s: its pieces hold what it holds', (_name, request) => {
    const body = encodings[encoding](request);
    const whole = decode(encoding, 'TracesData', body);
    const { pieces, failure } = cut(encoding, body);
    expect(failure).toBeUndefined();
    expect(pieces.length).toBeGreaterThan(1);
    expect(spansOf(pieces)).toEqual(spansOf([whole.ok ? whole.data : {}]));
  });

  test('no piece is much larger than it may be', () => {
    const { sizes } = cut(encoding, encodings[encoding](requests['one scope with many spans'] ?? {}));
    expect(Math.max(...sizes)).toBeLessThan(PIECE_BYTES + 20_000);
  });

  test('a small one is its only piece', () => {
    const body = encodings[encoding]({ resourceSpans: [{ scopeSpans: [{ spans: spans(3) }] }] });
    expect([...splitRequest(encoding, 'TracesData', body)]).toEqual([
      { kind: 'piece', body, offset: 0, isOneItem: false },
    ]);
  });

  test('an envelope that is large is not repeated for every little that is in it', () => {
    const request = {
      resourceSpans: [{ resource: resource('x'.repeat(900_000)), scopeSpans: [{ spans: spans(300) }] }],
    };
    const body = encodings[encoding](request);
    const { sizes, failure } = cut(encoding, body);
    expect(failure).toBeUndefined();
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(2 * body.length);
  });

  test('an item that is far too large is left out, and the others stay', () => {
    const items = [span(1), span(2, MAX_ITEM_BYTES + 1_000_000), span(3)];
    const { pieces, oversized, failure } = cut(
      encoding,
      encodings[encoding]({ resourceSpans: [{ scopeSpans: [{ spans: items }] }] }),
    );
    expect({ kept: spansOf(pieces).length, oversized, failure }).toEqual({
      kept: 2,
      oversized: 1,
      failure: undefined,
    });
  });

  test.each([
    ['a resource', { resource: resource('x'.repeat(MAX_ENVELOPE_BYTES)), scopeSpans: [{ spans: spans(30) }] }],
    ['a scope', { scopeSpans: [{ scope: { name: 'x'.repeat(MAX_ENVELOPE_BYTES) }, spans: spans(30) }] }],
  ])('%s that would make every piece too large is refused', (_what, resourceSpans) => {
    expect(cut(encoding, encodings[encoding]({ resourceSpans: [resourceSpans] }))).toMatchObject({
      pieces: [],
      failure: expect.stringMatching(/^a resource or scope may hold 1048576 bytes \(got \d+\)$/),
    });
  });
});

describe('a large request in JSON that is none', () => {
  const good = JSON.stringify(requests['one scope with many spans']);

  test.each([
    ['ends early', good.slice(0, -1)],
    ['ends within a text', good.slice(0, -100)],
    ['goes on after its end', `${good}{}`],
    ['has a comma too many in a list', good.replace('},{', '},,{')],
    ['has a comma too many in an object', good.replace('"scopeSpans"', ',"scopeSpans"')],
    ['has a name that is no text', good.replace('"scopeSpans"', 'scopeSpans')],
    ['has a value missing', good.replace(/"version":"1"/, '"version":')],
    ['has brackets that do not match', good.replace('{"name":"s"', '["name":"s"')],
  ])('%s', (_what, text) => {
    expect(text).not.toBe(good);
    expect(cut('json', Buffer.from(text)).failure).toMatch(/not valid JSON/);
  });

  test.each([
    ['is a list', `[${good}]`],
    ['is a text', JSON.stringify(good)],
  ])('%s', (_what, text) => {
    expect(cut('json', Buffer.from(text)).failure).toMatch(/expected an object/);
  });

  test('of two members of one name the last holds, and null is none', () => {
    const twice = good.replace('{"resourceSpans":', '{"resourceSpans":null,"resourceSpans":');
    expect(spansOf(cut('json', Buffer.from(twice)).pieces)).toHaveLength(400);
    const thenNull = `${good.slice(0, -1)},"resourceSpans":null}`;
    expect(spansOf(cut('json', Buffer.from(thenNull)).pieces)).toEqual([]);
  });
});

test('a large request in protobuf that ends early is refused', () => {
  const body = encodings.protobuf(requests['one scope with many spans'] ?? {});
  expect(cut('protobuf', body.subarray(0, -1)).failure).toMatch(/not valid protobuf/);
});

test.each([
  ['protobuf', 16 * 1024 * 1024],
  ['json', 16 * 1024 * 1024 - 1],
  ['members', 1],
])('millions of the smallest parts (%s) are cut in a heap that has no room for a list of them', async (what, bytes) => {
  const program = new URL('../support/cut-into-pieces.ts', import.meta.url).pathname;
  const { stdout } = await promisify(execFile)(process.execPath, ['--max-old-space-size=100', program, what, '16']);
  expect(Number(stdout)).toBeGreaterThanOrEqual(bytes);
});

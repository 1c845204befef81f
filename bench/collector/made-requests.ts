import { encodeProtobuf } from '../../src/collector/codec/otlp-protobuf.ts';
import { decodeJson } from '../../src/collector/codec/otlp-json.ts';

export type Encoding = 'json' | 'protobuf';

export const CONTENT_TYPES: Readonly<Record<Encoding, string>> = {
  json: 'application/json',
  protobuf: 'application/x-protobuf',
};

/** Digits of the number that identifies a request. */
const NUMBER_DIGITS = 12;
const MARK = 'request-';

/** Pseudo-random numbers from a seed, so that every run sends and mutates the same. */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    // xorshift32
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state / 2 ** 32;
  };
}

/** An ordinary server span of 12 attributes, 960 bytes of JSON. */
function madeSpan(random: () => number, index: number): object {
  const hex = (digits: number): string =>
    Array.from({ length: digits }, () => Math.floor(random() * 16).toString(16))
      .join('')
      .replace(/^0/, '1');
  const text = (key: string, stringValue: string): object => ({ key, value: { stringValue } });
  return {
    traceId: hex(32),
    spanId: hex(16),
    parentSpanId: hex(16),
    name: 'GET /api/items/:id',
    kind: 2,
    startTimeUnixNano: `17640000000${10_000_000 + index}`,
    endTimeUnixNano: `17640000001${10_000_000 + index}`,
    attributes: [
      text('http.request.method', 'GET'),
      text('url.path', `/api/items/${index}`),
      text('url.scheme', 'http'),
      { key: 'http.response.status_code', value: { intValue: '200' } },
      text('http.route', '/api/items/:id'),
      text('server.address', 'localhost'),
      { key: 'server.port', value: { intValue: '8080' } },
      text('network.protocol.version', '1.1'),
      text('user_agent.original', 'node'),
      text('client.address', '127.0.0.1'),
      { key: 'app.ratio', value: { doubleValue: 0.25 } },
      { key: 'app.cached', value: { boolValue: false } },
    ],
    flags: 257,
  };
}

/** One request with this many spans; `numbered()` returns a copy that contains its number. */
export class MadeRequest {
  readonly spans: number;
  readonly #body: Buffer;
  readonly #numberAt: number;

  constructor(encoding: Encoding, spans: number) {
    const random = createRandom(spans);
    const request = {
      resourceSpans: [
        {
          resource: {
            attributes: [
              { key: 'service.name', value: { stringValue: 'bench' } },
              { key: 'bench.request', value: { stringValue: `${MARK}${'0'.repeat(NUMBER_DIGITS)}` } },
            ],
          },
          scopeSpans: [
            {
              scope: { name: 'bench', version: '1.0.0' },
              spans: Array.from({ length: spans }, (_, index) => madeSpan(random, index)),
            },
          ],
        },
      ],
    };
    const json = Buffer.from(JSON.stringify(request));
    this.spans = spans;
    this.#body =
      encoding === 'json'
        ? json
        : Buffer.from(
            encodeProtobuf(
              'TracesData',
              decodeJson('TracesData', json, { valuesLeft: Infinity, messagesLeft: Infinity }),
            ),
          );
    this.#numberAt = this.#body.indexOf(MARK) + MARK.length;
  }

  get bytes(): number {
    return this.#body.length;
  }

  numbered(number: number): Buffer {
    const body = Buffer.from(this.#body);
    body.write(String(number).padStart(NUMBER_DIGITS, '0'), this.#numberAt, 'latin1');
    return body;
  }
}

/** The numbers of the requests in a stored file. */
export function* numbersIn(file: Buffer): Generator<number> {
  for (let at = file.indexOf(MARK); at >= 0; at = file.indexOf(MARK, at + 1)) {
    yield Number(file.toString('latin1', at + MARK.length, at + MARK.length + NUMBER_DIGITS));
  }
}

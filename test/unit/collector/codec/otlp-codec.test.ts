import { describe, expect, test } from 'vitest';
import { decode, type Encoding } from '../../../../src/collector/codec/otlp-codec.ts';
import type { MessageName } from '../../../../src/collector/codec/otlp-schema.ts';
import { logSample, metricSample, traceSample } from '../support/sdk-samples.ts';

function lineOf(encoding: Encoding, message: MessageName, body: Buffer): string {
  const decoded = decode(encoding, message, body);
  if (!decoded.ok) throw new Error(decoded.failure.message);
  return JSON.stringify(decoded.data);
}

describe('the same telemetry in both encodings of the SDK becomes the same line', () => {
  test.each([
    {
      message: 'TracesData',
      make: () => traceSample(),
      holds: ['"doubleValue":1e+300', '"events":', '"links":', '"intValue":"9007199254740991"'],
    },
    {
      message: 'MetricsData',
      make: metricSample,
      holds: ['"exponentialHistogram":', '"histogram":', '"gauge":', '"asInt":"-25"', '"isMonotonic":true'],
    },
    {
      message: 'LogsData',
      make: () => logSample(),
      holds: ['"eventName":"user.login"', '"bytesValue":"3q0="', '"kvlistValue":', 'it broke\\nin two lines'],
    },
  ] as const)('$message', async ({ message, make, holds }) => {
    const { protobuf, json } = await make();
    const line = lineOf('protobuf', message, protobuf);
    expect(line).toBe(lineOf('json', message, json));
    expect(holds.filter((text) => !line.includes(text))).toEqual([]);
    // What is canonical already stays as it is.
    expect(lineOf('json', message, Buffer.from(line))).toBe(line);
  });
});

describe('failures', () => {
  const bad = Buffer.from('{"resourceSpans":[{},{"scopeSpans":[{"spans":[{"attributes":[{"key":7}]}]}]}]}');

  test('of a field name its path', () => {
    expect(decode('json', 'TracesData', bad)).toMatchObject({
      ok: false,
      isTooLarge: false,
      failure: {
        reason: 'malformed',
        message: 'expected a string (got 7)',
        path: 'resourceSpans[1].scopeSpans[0].spans[0].attributes[0].key',
      },
    });
  });

  test('of bytes have no path', () => {
    expect(decode('protobuf', 'TracesData', Buffer.from([0x0a, 5, 0]))).toMatchObject({
      ok: false,
      isTooLarge: false,
      failure: {
        reason: 'malformed',
        message: 'byte 2: not valid protobuf (a message of 5 bytes where 1 are left)',
        path: '',
      },
    });
  });

  test('of a request that would fill the memory say so', () => {
    const emptySpans = Buffer.alloc(2 * 5_000_000, Buffer.from([0x12, 0]));
    const scope = Buffer.concat([Buffer.from([0x12, ...varint(emptySpans.length)]), emptySpans]);
    const body = Buffer.concat([Buffer.from([0x0a, ...varint(scope.length)]), scope]);
    expect(decode('protobuf', 'TracesData', body)).toMatchObject({
      ok: false,
      isTooLarge: true,
      failure: {
        reason: 'too-large',
        message:
          'more than 5000000 messages and list elements in the request, or in one item more than 500000, or more than 100000 messages',
        path: '',
      },
    });
  });
});

function varint(value: number): readonly number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))];
}

import { expect, it } from 'vitest';
import { otlpFileLine } from '../../../src/self-metrics/otlp-file-line.ts';

const line = (value: unknown) => otlpFileLine(Buffer.from(JSON.stringify(value))).toString();

it('is one line, even if a string contains line breaks', () => {
  expect(line({ name: 'a\nb' })).toBe('{"name":"a\\nb"}\n');
});

it('writes integers of 64 bits as strings, doubles and small integers as numbers', () => {
  const point = {
    asInt: 7,
    count: 3,
    zeroCount: 0,
    bucketCounts: [1, 2],
    explicitBounds: [0.5],
    sum: 7,
    min: 1,
    max: 4,
  };
  expect(
    JSON.parse(line({ ...point, intValue: 5, aggregationTemporality: 2, asDouble: 3, timeUnixNano: '9' })),
  ).toEqual({
    asInt: '7',
    count: '3',
    zeroCount: '0',
    bucketCounts: ['1', '2'],
    explicitBounds: [0.5],
    sum: 7,
    min: 1,
    max: 4,
    intValue: '5',
    aggregationTemporality: 2,
    asDouble: 3,
    timeUnixNano: '9',
  });
});

it('writes NaN, which JSON does not have, as proto3 does', () => {
  expect(line({ asDouble: Number.NaN, sum: Infinity })).toBe('{"asDouble":"NaN","sum":"NaN"}\n');
});

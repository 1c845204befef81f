import { expect, test } from 'vitest';
import { DecodeFailure, tooDeep } from '../../../src/collector/codec/decode-failure.ts';
import { undecodable } from '../../../src/collector/refusal.ts';

test.each([
  [
    'a bad field',
    new DecodeFailure('malformed', 'expected a string (got 7)', 'resourceSpans[1].schemaUrl'),
    {
      status: 400,
      message: 'resourceSpans[1].schemaUrl: expected a string (got 7); nothing of this request was stored',
      violation: { field: 'resourceSpans[1].schemaUrl', description: 'expected a string (got 7)' },
      invalid: 'undecodable',
    },
  ],
  [
    'bad bytes',
    new DecodeFailure('malformed', 'byte 2: not valid protobuf'),
    {
      status: 400,
      message: 'byte 2: not valid protobuf; nothing of this request was stored',
      invalid: 'undecodable',
    },
  ],
  [
    'what is too deep',
    tooDeep(),
    {
      status: 400,
      message: 'attribute values nested deeper than 100; nothing of this request was stored',
      invalid: 'depth_exceeded',
    },
  ],
  [
    'what is too large',
    new DecodeFailure('too-large', 'more than 5 values'),
    { status: 413, message: 'more than 5 values; nothing of it was stored' },
  ],
])('the answer to %s', (_what, failure, refusal) => {
  expect(undecodable(failure)).toEqual(refusal);
});

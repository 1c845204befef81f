import { expect, test } from 'vitest';
import type { Refusal } from '../../../src/collector/refusal.ts';
import { encodeRefusal } from '../../../src/collector/otlp-response.ts';
import { decodeBadRequest, decodeStatus } from './support/rpc-status.ts';

const violation = { field: 'resourceSpans[0]', description: 'expected an object (got null)' };
const bad: Refusal = { status: 400, message: 'what was wrong', violation };

test('as JSON', () => {
  expect(JSON.parse(Buffer.from(encodeRefusal('json', bad)).toString())).toEqual({
    code: 3,
    message: 'what was wrong',
    details: [{ '@type': 'type.googleapis.com/google.rpc.BadRequest', fieldViolations: [violation] }],
  });
});

test('as protobuf', () => {
  const { details, ...status } = decodeStatus(encodeRefusal('protobuf', bad));
  expect(status).toEqual({ code: 3, message: 'what was wrong' });
  const packed = JSON.parse(JSON.stringify(details))[0];
  expect(packed.type_url).toBe('type.googleapis.com/google.rpc.BadRequest');
  expect(decodeBadRequest(Buffer.from(packed.value))).toEqual({ field_violations: [violation] });
});

test.each([
  [404, 5],
  [405, 12],
  [408, 4],
  [413, 3],
  [415, 3],
  [503, 14],
] as const)('%i has the code %i and no details', (status, code) => {
  const encoded = encodeRefusal('protobuf', { status, message: 'm' });
  expect(decodeStatus(encoded)).toEqual({ code, message: 'm' });
});

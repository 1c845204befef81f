import protobuf from 'protobufjs/light.js';
import { describe, expect, it } from 'vitest';
import { jsonMessage, protobufMessage } from '../../../src/otlp/rpc-status.ts';

const Any = new protobuf.Type('Any').add(new protobuf.Field('value', 1, 'bytes'));
const Status = new protobuf.Type('Status')
  .add(new protobuf.Field('code', 1, 'int32'))
  .add(new protobuf.Field('message', 2, 'string'))
  .add(new protobuf.Field('details', 3, 'Any', 'repeated'))
  .add(new protobuf.Field('fixed', 4, 'fixed64'))
  .add(new protobuf.Field('short', 5, 'fixed32'))
  .add(new protobuf.Field('far', 200, 'string'))
  .add(Any);

const encode = (status: object): Uint8Array => Status.encode(Status.create(status)).finish();

describe('protobufMessage', () => {
  it.each<[string, object]>([
    ['alone', { message: 'no name' }],
    ['behind a code of one byte', { code: 3, message: 'no name' }],
    ['behind a code of ten bytes', { code: -1, message: 'no name' }],
    ['before details', { message: 'no name', details: [{ value: Buffer.alloc(300, 7) }] }],
    ['beside fields of fixed length', { message: 'no name', fixed: 7, short: 9 }],
    ['beside a field whose tag has two bytes', { message: 'no name', far: 'another' }],
  ])('finds it %s', (_what, status) => {
    expect(protobufMessage(encode(status))).toBe('no name');
  });

  it('reads one that is longer than 127 and 16 383 bytes', () => {
    for (const length of [127, 128, 16_383, 16_384]) {
      expect(protobufMessage(encode({ message: 'x'.repeat(length) }))).toHaveLength(length);
    }
  });

  it.each<[string, readonly number[]]>([
    ['nothing', []],
    ['a code only', [8, 3]],
    ['a tag without a value', [8]],
    ['a value that ends within it', [8, 0x80]],
    ['a length that ends within it', [0x12, 0x80]],
    ['a length beyond the end', [0x12, 5, 65]],
    ['a fixed value beyond the end', [0x0d, 1, 2, 3]],
    ['a group', [0x13, 1]],
    ['a message before what is broken', [0x12, 1, 65, 0x0b]],
  ])('is empty for %s', (_what, bytes) => {
    expect(protobufMessage(Uint8Array.from(bytes))).toBe('');
  });

  it('takes a message that ends with the bytes', () => {
    expect(protobufMessage(Uint8Array.from([0x12, 1, 65]))).toBe('A');
    expect(protobufMessage(Uint8Array.from([0x0d, 1, 2, 3, 4, 0x12, 1, 65]))).toBe('A');
    expect(protobufMessage(Uint8Array.from([0x09, 1, 2, 3, 4, 5, 6, 7, 8, 0x12, 1, 65]))).toBe('A');
  });
});

describe('jsonMessage', () => {
  it.each<[string, string | undefined]>([
    ['{"code":3,"message":"no name"}', 'no name'],
    ['{"code":3,"message":5}', undefined],
    ['{"message":"no status"}', undefined],
    ['{"code":3}', undefined],
    ['"text"', undefined],
    ['null', undefined],
    ['not JSON', undefined],
  ])('of %s', (text, message) => {
    expect(jsonMessage(text)).toBe(message);
  });
});

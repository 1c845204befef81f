// Cuts a large body into pieces and prints how many bytes they have. argv: protobuf, json or members, and MiB.
import { type Encoding, splitRequest } from '../../../../src/collector/codec/otlp-codec.ts';

const MIB = 1024 * 1024;

/** A list of empty spans; `members`: as many members of names that OTLP does not know, each another one. */
function make(what: string | undefined, bytes: number): { readonly encoding: Encoding; readonly body: Buffer } {
  if (what === 'protobuf') {
    const wrapped = (content: Buffer, tag: number): Buffer => {
      const length = [];
      for (let left = content.length; ; left = Math.floor(left / 128)) {
        length.push(left > 127 ? (left % 128) | 0x80 : left);
        if (left <= 127) break;
      }
      return Buffer.concat([Buffer.from([tag, ...length]), content]);
    };
    const spans = Buffer.alloc(bytes, Buffer.from([0x12, 0]));
    return { encoding: 'protobuf', body: wrapped(wrapped(spans, 0x12), 0x0a) };
  }
  if (what === 'json') {
    const spans = Buffer.alloc(bytes, ',{}').subarray(1, Math.floor(bytes / 3) * 3);
    return {
      encoding: 'json',
      body: Buffer.concat([Buffer.from('{"resourceSpans":[{"scopeSpans":[{"spans":['), spans, Buffer.from(']}]}]}')]),
    };
  }
  const parts: string[] = [];
  for (let i = 0, length = 0; length < bytes; i += 1) {
    const text = `"${i.toString(36)}":0,`;
    length += text.length;
    parts.push(text);
    if (parts.length === 10_000) parts.splice(0, parts.length, parts.join(''));
  }
  return { encoding: 'json', body: Buffer.from(`{${parts.join('')}"resourceSpans":[{}]}`) };
}

const { encoding, body } = make(process.argv[2], Number(process.argv[3]) * MIB);
let bytes = 0;
for (const part of splitRequest(encoding, 'TracesData', body)) {
  if (part.kind !== 'piece') throw new Error(JSON.stringify(part));
  bytes += part.body.length;
}
console.log(bytes);

/**
 * The length-delimited fields at the end of `path`, a field number per level of nesting. Nothing else is decoded: the
 * backend shares two cores with the program that is measured.
 */
export function fieldsAt(message: Buffer, path: readonly number[]): Buffer[] {
  const found: Buffer[] = [];
  walk(message, path, 0, found);
  return found;
}

function walk(message: Buffer, path: readonly number[], depth: number, found: Buffer[]): void {
  let offset = 0;
  const varint = (): number => {
    let value = 0;
    let shift = 1;
    for (;;) {
      const byte = message[offset];
      if (byte === undefined) throw new Error(`protobuf: message ends inside a number (depth ${depth})`);
      offset += 1;
      value += (byte & 0x7f) * shift;
      if (byte < 0x80) return value;
      shift *= 128;
    }
  };
  while (offset < message.length) {
    const tag = varint();
    const wireType = tag & 7;
    if (wireType === 0) varint();
    else if (wireType === 1) offset += 8;
    else if (wireType === 5) offset += 4;
    else if (wireType === 2) {
      const length = varint();
      const field = message.subarray(offset, offset + length);
      offset += length;
      if (Math.floor(tag / 8) !== path[depth]) continue;
      if (depth === path.length - 1) found.push(field);
      else walk(field, path, depth + 1, found);
    } else throw new Error(`protobuf: wire type ${wireType} at offset ${offset} (depth ${depth})`);
  }
}

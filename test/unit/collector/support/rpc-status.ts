import protobuf from 'protobufjs/light.js';

/** google.rpc.Status as protobufjs decodes it from a description of its own, not from the schema under test. */
const root = protobuf.Root.fromJSON({
  nested: {
    Any: { fields: { type_url: { id: 1, type: 'string' }, value: { id: 2, type: 'bytes' } } },
    Status: {
      fields: {
        code: { id: 1, type: 'int32' },
        message: { id: 2, type: 'string' },
        details: { id: 3, type: 'Any', rule: 'repeated' },
      },
    },
    FieldViolation: { fields: { field: { id: 1, type: 'string' }, description: { id: 2, type: 'string' } } },
    BadRequest: { fields: { field_violations: { id: 1, type: 'FieldViolation', rule: 'repeated' } } },
  },
});

function decode(type: string, bytes: Uint8Array): Record<string, unknown> {
  const message = root.lookupType(type);
  return message.toObject(message.decode(bytes), { bytes: Array });
}

export function decodeStatus(bytes: Uint8Array): Record<string, unknown> {
  return decode('Status', bytes);
}

export function decodeBadRequest(bytes: Uint8Array): Record<string, unknown> {
  return decode('BadRequest', bytes);
}

/** The vocabulary of otlp-schema.ts: the name, number, type and presence of fields. */

/** `id` is a `bytes` field that OTLP/JSON writes as hex; `enum` is an int32 that OTLP/JSON writes as a number only. */
export type ScalarType =
  | 'string'
  | 'bool'
  | 'bytes'
  | 'id'
  | 'double'
  | 'enum'
  | 'int32'
  | 'uint32'
  | 'sint32'
  | 'fixed32'
  | 'int64'
  | 'uint64'
  | 'fixed64'
  | 'sfixed64';

export type Presence =
  /**
   * Absent and default mean the same, and the default is not stored: zero, an empty string, an empty message. Protobuf does
   * distinguish an absent message from an empty one, but OTLP does not (an empty AnyValue, Status, scope or Resource carries no
   * information), and serializers differ in which of the two they write.
   */
  | 'implicit'
  /** proto3 `optional`: zero and absent are different. */
  | 'optional'
  /** At most one of the message's oneof fields is present, an empty message too. No OTLP message has two oneofs. */
  | 'oneof'
  /** An empty list is not stored. */
  | 'repeated';

export interface Field<MessageName extends string = string> {
  readonly number: number;
  readonly name: string;
  readonly type: ScalarType | MessageName;
  readonly presence: Presence;
}

function field(presence: Presence) {
  return <Type extends string>(number: number, name: string, type: Type) => ({
    number,
    name,
    type,
    presence,
  });
}

type Declare = <Type extends string>(
  number: number,
  name: string,
  type: Type,
) => {
  readonly number: number;
  readonly name: string;
  readonly type: Type;
  readonly presence: Presence;
};

export const one: Declare = field('implicit');
export const optional: Declare = field('optional');
export const oneof: Declare = field('oneof');
export const many: Declare = field('repeated');

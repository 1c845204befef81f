import { type MessageName, otlpSchema } from './otlp-schema.ts';
import { type Scalar, scalars } from './scalars.ts';
import type { Presence, ScalarType } from './schema.ts';

/** A message of the schema, prepared for decoding: built once, when the first message of its kind arrives. */
export interface MessagePlan {
  readonly name: MessageName;
  readonly fields: readonly FieldPlan[];
  readonly byNumber: readonly (FieldPlan | undefined)[];
  readonly byName: ReadonlyMap<string, FieldPlan>;
}

export type FieldPlan = ScalarFieldPlan | MessageFieldPlan;

interface FieldPlanBase {
  readonly name: string;
  readonly number: number;
  /** Its position in the order of keys of a canonical message. */
  readonly position: number;
  readonly presence: Presence;
}

export interface ScalarFieldPlan extends FieldPlanBase {
  readonly kind: 'scalar';
  readonly scalar: Scalar;
}

interface MessageFieldPlan extends FieldPlanBase {
  readonly kind: 'message';
  readonly message: MessagePlan;
}

const plans = new Map<MessageName, MessagePlan>();

export function planOf(messageName: MessageName): MessagePlan {
  const known = plans.get(messageName);
  if (known !== undefined) return known;
  const fields: FieldPlan[] = [];
  const byNumber: (FieldPlan | undefined)[] = [];
  const byName = new Map<string, FieldPlan>();
  const plan: MessagePlan = { name: messageName, fields, byNumber, byName };
  // Before its fields, because messages are recursive: an AnyValue contains an ArrayValue, which contains AnyValues.
  plans.set(messageName, plan);
  for (const [position, { number, name, presence, type }] of otlpSchema[messageName].entries()) {
    const base = { name, number, position, presence };
    const field: FieldPlan = isScalar(type)
      ? { ...base, kind: 'scalar', scalar: scalars[type] }
      : { ...base, kind: 'message', message: planOf(type) };
    fields.push(field);
    byNumber[number] = field;
    byName.set(name, field);
  }
  return plan;
}

function isScalar(type: ScalarType | MessageName): type is ScalarType {
  return Object.hasOwn(scalars, type);
}

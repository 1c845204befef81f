import { isObject } from '../../values/is-object.ts';
import { type CanonicalMessage, type CanonicalValue, isEmpty } from './canonical.ts';
import { type Allowance, allowanceForOne, takeElement, takeMessage, tooManyValues } from './allowance.ts';
import { DecodeFailure, MAX_VALUE_DEPTH, tooDeep } from './decode-failure.ts';
import { type FieldPlan, type MessagePlan, planOf, type ScalarFieldPlan } from './message-plan.ts';
import { exactInteger } from './int64.ts';
import type { MessageName } from './otlp-schema.ts';

/** The current position in the request, recorded so that a path is only built when a value is invalid. */
class Walk {
  readonly #names: string[] = [];
  readonly #indexes: number[] = [];
  /** Whether large integers were parsed as BigInt, as in the second attempt to parse a body. */
  readonly isExact: boolean;
  readonly allowance: Allowance;
  valueDepth = 0;

  constructor(isExact: boolean, allowance: Allowance) {
    this.isExact = isExact;
    this.allowance = allowance;
  }

  enter(level: number, name: string, index: number): void {
    this.#names[level] = name;
    this.#indexes[level] = index;
  }

  path(levels: number): string {
    const steps = this.#names.slice(0, levels).map((name, level) => {
      const index = this.#indexes[level];
      return index === undefined || index === NO_INDEX ? name : `${name}[${index}]`;
    });
    return steps.join('.');
  }

  refuse(levels: number, expected: string, value: unknown): DecodeFailure {
    return new DecodeFailure('malformed', `expected ${expected} (got ${describe(value)})`, this.path(levels));
  }
}

const NO_INDEX = -1;

/** Opening brackets of one message: its own and those of its lists. No message of OTLP has more than four lists. */
const BRACKETS_OF_A_MESSAGE = 5;
/** A smaller body becomes at most twenty megabytes of objects. Counting its brackets would add half to the time of decoding. */
const COUNTED_FROM_BYTES = 1024 * 1024;

/** JSON.parse has rounded an integer that the field can hold exactly. */
class InexactInteger extends Error {}

/** @throws DecodeFailure */
export function decodeJson(
  name: MessageName,
  body: Buffer,
  allowance: Allowance = allowanceForOne(),
): CanonicalMessage {
  const before = { ...allowance };
  // Before parsing: the objects of a body of nothing but brackets must never be created.
  if (body.length > COUNTED_FROM_BYTES && countBrackets(body) > BRACKETS_OF_A_MESSAGE * allowance.messagesLeft)
    throw tooManyValues();
  const text = body.toString('utf8');
  try {
    return normalise(planOf(name), parse(text), new Walk(false, allowance), 0);
  } catch (error) {
    if (!(error instanceof InexactInteger)) throw error;
    Object.assign(allowance, before);
    return normalise(planOf(name), parse(text, exactIntegers), new Walk(true, allowance), 0);
  }
}

function parse(text: string, reviver?: typeof exactIntegers): unknown {
  try {
    return JSON.parse(text, reviver);
  } catch (cause) {
    // A SyntaxError, or a RangeError for deep nesting: V8 recurses when there is a reviver, and only then.
    if (!(cause instanceof Error)) throw cause;
    throw new DecodeFailure('malformed', `not valid JSON (${cause.message})`, '', { cause });
  }
}

/**
 * Reads integers beyond 2^53 as BigInt, from the source text that V8 passes to a reviver (Node 21 and later). This makes parsing
 * several times slower, so it is only the second attempt: OTLP/JSON prescribes strings here, and most senders write strings.
 */
function exactIntegers(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (!isInexact(value)) return value;
  return exactInteger(context?.source ?? '') ?? value;
}

/** An object as JSON.parse returns it; members to leave out are set to `undefined`. */
type Parsed = Record<string, unknown>;

/** Makes a parsed message canonical, in place if possible: a copy would be as much garbage again. */
function normalise(plan: MessagePlan, input: unknown, walk: Walk, level: number): CanonicalMessage {
  if (!isParsedObject(input)) throw walk.refuse(level, 'an object', input);
  takeMessage(walk.allowance);
  const isValue = plan.name === 'AnyValue';
  if (isValue && ++walk.valueDepth > MAX_VALUE_DEPTH) throw tooDeep(walk.path(level));
  let chosen: string | undefined;
  let last = -1;
  let isWhole = true;
  let double: number | undefined;
  // Over the members and not the fields of the schema: an attribute value has one of seven fields.
  for (const name in input) {
    const field = plan.byName.get(name);
    const value = input[name];
    // In the JSON mapping of proto3 null means the default.
    if (field === undefined || value === null) {
      isWhole = false;
      continue;
    }
    walk.enter(level, name, NO_INDEX);
    if (field.presence === 'oneof') {
      if (chosen !== undefined) throw walk.refuse(level + 1, `nothing beside ${chosen}`, value);
      chosen = name;
    }
    let canonical = normaliseField(field, value, walk, level);
    if (canonical === NO_VALUE && field.kind === 'scalar') {
      if (!isValue || name !== 'intValue') throw refuseScalar(field, value, walk, level);
      double = integerBeyond64Bits(field, value, walk, level);
      canonical = undefined;
    }
    if (canonical === undefined || field.position < last) isWhole = false;
    last = field.position;
    if (canonical !== value) input[name] = canonical;
  }
  if (isValue) walk.valueDepth--;
  if (double !== undefined) input['doubleValue'] = double;
  return isCanonical(input, isWhole) ? input : canonicalCopy(plan, input);
}

/** The value is not valid for the type of the field. */
const NO_VALUE = Symbol();

/** @returns undefined for the default, which is not stored */
function normaliseField(
  field: FieldPlan,
  value: unknown,
  walk: Walk,
  level: number,
): CanonicalValue | undefined | typeof NO_VALUE {
  const { presence } = field;
  if (presence === 'repeated') {
    const list = normaliseList(field, value, walk, level);
    return list.length > 0 ? list : undefined;
  }
  if (field.kind === 'message') {
    const message = normalise(field.message, value, walk, level + 1);
    return presence === 'oneof' || !isEmpty(message) ? message : undefined;
  }
  const scalar = field.scalar.fromJson(value);
  if (scalar === undefined) return NO_VALUE;
  return presence !== 'implicit' || scalar !== field.scalar.zero ? scalar : undefined;
}

function normaliseList(field: FieldPlan, input: unknown, walk: Walk, level: number): CanonicalValue[] {
  if (!Array.isArray(input)) throw walk.refuse(level + 1, 'an array', input);
  const elements: readonly unknown[] = input;
  return elements.map((element, index) => {
    walk.enter(level, field.name, index);
    if (field.kind === 'message') return normalise(field.message, element, walk, level + 1);
    takeElement(walk.allowance);
    const scalar = field.scalar.fromJson(element);
    if (scalar === undefined) throw refuseScalar(field, element, walk, level);
    return scalar;
  });
}

function refuseScalar(field: ScalarFieldPlan, value: unknown, walk: Walk, level: number): Error {
  if (isInexact(value) && !walk.isExact) return new InexactInteger();
  return walk.refuse(level + 1, field.scalar.expected, value);
}

/**
 * The JSON serializer of the OpenTelemetry SDK for JavaScript writes every integral attribute as `intValue`, even 1e300; its protobuf
 * serializer writes a double from 2^63 on. The whole request must not be refused because of one such attribute.
 */
function integerBeyond64Bits(field: ScalarFieldPlan, value: unknown, walk: Walk, level: number): number {
  const isInteger = typeof value === 'bigint' || (walk.isExact && isInexact(value));
  if (!isInteger) throw refuseScalar(field, value, walk, level);
  return Number(value);
}

function isInexact(value: unknown): boolean {
  return Number.isInteger(value) && !Number.isSafeInteger(value);
}

function isParsedObject(value: unknown): value is Parsed {
  return isObject(value) && !Array.isArray(value);
}

/** @param isWhole whether every member is canonical by now, and none is to be left out or moved */
function isCanonical(_message: Parsed, isWhole: boolean): _message is CanonicalMessage {
  return isWhole;
}

/** For a message with members to leave out or to reorder. */
function canonicalCopy({ fields }: MessagePlan, message: Parsed): CanonicalMessage {
  const copy: CanonicalMessage = {};
  for (const { name } of fields) {
    const value = message[name];
    if (isKept(value)) copy[name] = value;
  }
  return copy;
}

function isKept(value: unknown): value is CanonicalValue {
  return value !== undefined && value !== null;
}

function describe(value: unknown): string {
  if (Array.isArray(value)) return 'an array';
  if (value === null) return 'null';
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return String(value);
  if (typeof value !== 'string') return 'an object';
  return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
}

/** The number of objects and lists in the text. */
function countBrackets(body: Buffer): number {
  let count = 0;
  let inString = false;
  for (let index = 0; index < body.length; index++) {
    const byte = body[index];
    if (byte === 0x22) inString = !inString;
    else if (inString) index += byte === 0x5c ? 1 : 0;
    else if (byte === 0x7b || byte === 0x5b) count++;
  }
  return count;
}

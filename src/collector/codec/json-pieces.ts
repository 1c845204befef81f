import { DecodeFailure } from './decode-failure.ts';
import { type JsonRange, JsonScanner } from './json-scanner.ts';
import type { MessageName } from './otlp-schema.ts';
import { checkEnvelope, type ListLevel, listLevels, MAX_ITEM_BYTES, type Part, pieceBytes } from './piece.ts';

const OPEN_BRACE = 0x7b;
const OPEN_BRACKET = 0x5b;

/** The JSON before and after the elements of a piece. */
interface Wrapping {
  readonly before: string;
  readonly after: string;
}

/**
 * Splits a large request into small ones, each with the same resource and scope around its items, so that only one of them at a time is
 * parsed. Of fields that OTLP does not define, only the brackets are scanned.
 * @throws DecodeFailure
 */
export function* jsonPieces(name: MessageName, body: Buffer): Generator<Part> {
  const whole = new JsonScanner(body, 0);
  const levels = listLevels(name);
  const members = whole.members(namesAt(levels));
  whole.end();
  yield* split(body, members, 0, levels, { before: '', after: '' });
}

function* split(
  body: Buffer,
  members: ReadonlyMap<string, JsonRange>,
  start: number,
  levels: readonly ListLevel[],
  outer: Wrapping,
): Generator<Part> {
  const [level, ...deeper] = levels;
  if (level === undefined) return;
  const wrapping = { before: `${outer.before}{${othersOf(body, members, level)}`, after: `}${outer.after}` };
  const list = members.get(level.name);
  if (list === undefined || body[list.start] !== OPEN_BRACKET) {
    // No list: it is absent, null, or an error, for which the decoder has the best message.
    if (list !== undefined) checkItem(list, 'an array');
    const text = list === undefined ? 'null' : body.toString('utf8', list.start, list.end);
    const piece = Buffer.from(`${wrapping.before}"${level.name}":${text}${wrapping.after}`);
    yield { kind: 'piece', body: piece, offset: list?.start ?? start, isOneItem: false };
    return;
  }
  const around = { before: `${wrapping.before}"${level.name}":[`, after: `]${wrapping.after}` };
  const most = pieceBytes(around.before.length);
  const pieceOf = (from: number, to: number, isOneItem: boolean): Part => ({
    kind: 'piece',
    body: Buffer.concat([Buffer.from(around.before), body.subarray(from, to), Buffer.from(around.after)]),
    offset: from,
    isOneItem,
  });

  let from: number | undefined;
  let to = list.start + 1;
  for (const element of new JsonScanner(body, list.start).elements()) {
    const bytes = element.end - element.start;
    if (from !== undefined && element.end - from > most) {
      yield pieceOf(from, to, false);
      from = undefined;
    }
    if (bytes <= most) {
      from ??= element.start;
      to = element.end;
    } else if (deeper.length > 0 && body[element.start] === OPEN_BRACE) {
      const inner = new JsonScanner(body, element.start).members(namesAt(deeper));
      yield* split(body, inner, element.start, deeper, around);
    } else if (deeper.length === 0 && bytes > MAX_ITEM_BYTES) {
      yield { kind: 'oversized' };
    } else {
      checkItem(element, 'an object');
      yield pieceOf(element.start, element.end, deeper.length === 0);
    }
  }
  if (from !== undefined) yield pieceOf(from, to, false);
}

/** The members that are repeated in every piece; others are unknown and ignored. */
const ENVELOPE = ['resource', 'scope', 'schemaUrl'];

/** The members to read of the object that contains the first of these lists. */
function namesAt([level]: readonly ListLevel[]): ReadonlySet<string> {
  return new Set([...ENVELOPE, ...(level === undefined ? [] : [level.name])]);
}

function othersOf(body: Buffer, members: ReadonlyMap<string, JsonRange>, level: ListLevel): string {
  const others = [...members].filter(([name]) => name !== level.name);
  checkEnvelope(others.reduce((sum, [, { start, end }]) => sum + end - start, 0));
  return others.map(([name, { start, end }]) => `"${name}":${body.toString('utf8', start, end)},`).join('');
}

/** A value of the wrong type goes to the decoder, which says what is wrong and where, unless it is too large for that. */
function checkItem({ start, end }: JsonRange, expected: string): void {
  if (end - start <= MAX_ITEM_BYTES) return;
  throw new DecodeFailure(
    'malformed',
    `byte ${start}: expected ${expected} (got something else of ${end - start} bytes)`,
  );
}

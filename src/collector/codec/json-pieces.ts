import { DecodeFailure } from './decode-failure.ts';
import { type JsonRange, JsonScanner } from './json-scanner.ts';
import type { MessageName } from './otlp-schema.ts';
import { checkEnvelope, type ListLevel, listLevels, MAX_ITEM_BYTES, type Part, pieceBytes } from './piece.ts';

const OPEN_BRACE = 0x7b;
const OPEN_BRACKET = 0x5b;

/** What stands around the elements of a piece. */
interface Wrapping {
  readonly before: string;
  readonly after: string;
}

/**
 * A large request as small ones, each with the same wrapping, so that a tree of a piece is held and not one of all. In fields
 * that OTLP does not know, only the brackets are looked at.
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
    // No list: absent, null, or an error that the decoder tells best.
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

/** What is repeated in every piece; other members are unknown, thus ignored. */
const ENVELOPE = ['resource', 'scope', 'schemaUrl'];

/** The members that are of use in what the first of these lists stands in. */
function namesAt([level]: readonly ListLevel[]): ReadonlySet<string> {
  return new Set([...ENVELOPE, ...(level === undefined ? [] : [level.name])]);
}

function othersOf(body: Buffer, members: ReadonlyMap<string, JsonRange>, level: ListLevel): string {
  const others = [...members].filter(([name]) => name !== level.name);
  checkEnvelope(others.reduce((sum, [, { start, end }]) => sum + end - start, 0));
  return others.map(([name, { start, end }]) => `"${name}":${body.toString('utf8', start, end)},`).join('');
}

/** That what is no list or no object may be handed to the decoder, which says what is wrong and where. */
function checkItem({ start, end }: JsonRange, expected: string): void {
  if (end - start <= MAX_ITEM_BYTES) return;
  throw new DecodeFailure(
    'malformed',
    `byte ${start}: expected ${expected} (got something else of ${end - start} bytes)`,
  );
}

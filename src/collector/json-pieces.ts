import { listLevels, type ListLevel, type Piece, PIECE_BYTES } from './item-path.ts';
import { type JsonRange, JsonScanner } from './json-scanner.ts';
import type { MessageName } from './otlp-schema.ts';

/**
 * A large request as small ones, each with the same wrapping, so that a tree of a piece is held and not one of all. In fields
 * that OTLP does not know, only the brackets are looked at.
 * @throws DecodeFailure
 */
export function* jsonPieces(name: MessageName, body: Buffer): Generator<Piece> {
  const whole = new JsonScanner(body, 0);
  const levels = listLevels(name);
  const members = whole.members(namesAt(levels));
  whole.end();
  yield* split(body, members, 0, levels, '', '');
}

function* split(
  body: Buffer,
  members: ReadonlyMap<string, JsonRange>,
  start: number,
  levels: readonly ListLevel[],
  before: string,
  after: string,
): Generator<Piece> {
  const [level, ...deeper] = levels;
  if (level === undefined) return;
  const others = [...members]
    .filter(([name]) => name !== level.name)
    .map(([name, range]) => `${JSON.stringify(name)}:${body.toString('utf8', range.start, range.end)},`);
  const opening = `${before}{${others.join('')}"${level.name}":`;
  const closing = `}${after}`;
  const list = members.get(level.name);
  if (list === undefined || body[list.start] !== 0x5b) {
    // No list: absent, null, or an error that the decoder tells best.
    const text = list === undefined ? 'null' : body.toString('utf8', list.start, list.end);
    yield { body: Buffer.from(`${opening}${text}${closing}`), offset: list?.start ?? start };
    return;
  }
  // So that a large envelope is not repeated for every little that is in it.
  const most = Math.max(PIECE_BYTES, 2 * opening.length);
  const pieceOf = (from: number, to: number): Piece => ({
    body: Buffer.concat([Buffer.from(`${opening}[`), body.subarray(from, to), Buffer.from(`]${closing}`)]),
    offset: from,
  });

  let from: number | undefined;
  let to = list.start + 1;
  for (const element of new JsonScanner(body, list.start).elements()) {
    if (from !== undefined && element.end - from > most) {
      yield pieceOf(from, to);
      from = undefined;
    }
    if (element.end - element.start > most && deeper.length > 0 && body[element.start] === 0x7b) {
      const inner = new JsonScanner(body, element.start).members(namesAt(deeper));
      yield* split(body, inner, element.start, deeper, `${opening}[`, `]${closing}`);
    } else {
      from ??= element.start;
      to = element.end;
    }
  }
  if (from !== undefined) yield pieceOf(from, to);
}

/** What is repeated in every piece; other members are unknown, thus ignored. */
const ENVELOPE = ['resource', 'scope', 'schemaUrl'];

/** The members that are of use in what the first of these lists stands in. */
function namesAt([level]: readonly ListLevel[]): ReadonlySet<string> {
  return new Set([...ENVELOPE, ...(level === undefined ? [] : [level.name])]);
}

type Version = readonly [number, number, number];

/** Excludes or includes a version; `upTo` is the first version that it does not include. */
interface Bounds {
  readonly from: Version;
  readonly upTo: Version | undefined;
}

const COMPARATOR = /^(?<operator>[<>]=?|[=^~])?v?(?<version>[\dx*]+(?:\.[\dx*]+){0,2})(?:[-+][\w.+-]*)?$/i;

/**
 * Whether a version is in a range of npm, as instrumentations state theirs: `>=8.0.3 <9`, `^4.0.0`, `4.x || 5.x`, `*`. A pre-release
 * counts as the version that it precedes. Undefined for a range in another form.
 */
export function satisfies(version: string, range: string): boolean | undefined {
  const wanted = parse(/^v?(\d+\.\d+\.\d+)/.exec(version)?.[1] ?? '');
  if (wanted === undefined || wanted.length !== 3) return undefined;
  let isKnown = true;
  const isIn = range.split('||').some((alternative) => {
    const bounds = comparators(alternative).map(toBounds);
    if (bounds.includes(undefined)) isKnown = false;
    return bounds.every((one) => one !== undefined && isWithin(one, [wanted[0] ?? 0, wanted[1] ?? 0, wanted[2] ?? 0]));
  });
  return isIn || isKnown ? isIn : undefined;
}

function comparators(alternative: string): readonly string[] {
  // `>= 1.2` is one comparator.
  const text = alternative.trim().replaceAll(/(?<=[<>=^~])\s+/g, '');
  return text === '' ? ['*'] : text.split(/\s+/);
}

function toBounds(comparator: string): Bounds | undefined {
  const { operator, version = '' } = COMPARATOR.exec(comparator)?.groups ?? {};
  const parts = parse(version);
  if (parts === undefined) return undefined;
  const from: Version = [parts[0] ?? 0, parts[1] ?? 0, parts[2] ?? 0];
  const next = parts.length === 0 ? undefined : increase(from, parts.length - 1);
  switch (operator) {
    case '>=':
      return { from, upTo: undefined };
    case '>':
      return { from: next ?? from, upTo: undefined };
    case '<':
      return { from: [0, 0, 0], upTo: from };
    case '<=':
      return { from: [0, 0, 0], upTo: next };
    case '^':
      return { from, upTo: parts.length === 0 ? undefined : increase(from, leftmost(parts)) };
    case '~':
      return { from, upTo: parts.length === 0 ? undefined : increase(from, Math.min(parts.length - 1, 1)) };
    default:
      return { from, upTo: next };
  }
}

/** The numbers until the first `x` or `*`; undefined for what is no version. */
function parse(text: string): readonly number[] | undefined {
  const numbers: number[] = [];
  for (const part of text.split('.')) {
    if (/^[x*]$/i.test(part)) break;
    if (!/^\d+$/.test(part)) return undefined;
    numbers.push(Number(part));
  }
  return numbers;
}

/** The first version that differs at `index` or before it. */
function increase(version: Version, index: number): Version {
  const [major, minor, patch] = version;
  if (index === 0) return [major + 1, 0, 0];
  return index === 1 ? [major, minor + 1, 0] : [major, minor, patch + 1];
}

/** The number that `^` keeps: the leftmost that is not zero. */
function leftmost(parts: readonly number[]): number {
  const index = parts.findIndex((part) => part !== 0);
  return index === -1 ? parts.length - 1 : index;
}

function isWithin({ from, upTo }: Bounds, version: Version): boolean {
  return compare(version, from) >= 0 && (upTo === undefined || compare(version, upTo) < 0);
}

function compare(one: Version, other: Version): number {
  return one[0] - other[0] || one[1] - other[1] || one[2] - other[2];
}

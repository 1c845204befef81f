/** The value below which the share `p` (0 to 1) of the numbers lies, interpolated. */
export function quantile(numbers: readonly number[], p: number): number {
  if (numbers.length === 0) throw new Error('quantile: expected at least one number (got none)');
  const sorted = numbers.toSorted((a, b) => a - b);
  const position = (sorted.length - 1) * p;
  const below = sorted[Math.floor(position)] ?? NaN;
  const above = sorted[Math.ceil(position)] ?? NaN;
  return below + (above - below) * (position - Math.floor(position));
}

export function median(numbers: readonly number[]): number {
  return quantile(numbers, 0.5);
}

/** Combines two series round by round, so that what slows down a whole round (a busy machine) cancels out. */
export function paired(
  left: readonly number[],
  right: readonly number[],
  combine: (left: number, right: number) => number,
): number[] {
  if (left.length !== right.length) {
    throw new Error(`paired: expected as many rounds on both sides (got ${left.length} and ${right.length})`);
  }
  return left.map((value, round) => combine(value, right[round] ?? NaN));
}

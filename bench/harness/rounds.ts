/**
 * Measures every row once per round. The order is rotated from round to round, so that no row always runs
 * after the same neighbour. A first round is discarded: it fills the page cache.
 */
export async function interleave<Row, Sample>(
  rows: readonly Row[],
  rounds: number,
  measure: (row: Row) => Promise<Sample>,
  warmUpRounds = 1,
): Promise<Map<Row, Sample[]>> {
  const samples = new Map<Row, Sample[]>(rows.map((row) => [row, []]));
  for (let round = -warmUpRounds; round < rounds; round += 1) {
    const first = (round + warmUpRounds) % rows.length;
    for (const row of [...rows.slice(first), ...rows.slice(0, first)]) {
      const sample = await measure(row);
      if (round >= 0) samples.get(row)?.push(sample);
    }
  }
  return samples;
}

/** The samples of one row. @throws Error for a row that was not measured */
export function samplesOf<Row, Sample>(samples: ReadonlyMap<Row, Sample[]>, row: Row): Sample[] {
  const found = samples.get(row);
  if (found === undefined) throw new Error(`samplesOf: this row was not measured: ${JSON.stringify(row)}`);
  return found;
}

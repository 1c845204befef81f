import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ReceivedMetric } from '../support/received-telemetry.ts';
import { readMetricsFile, SelfMetricsProgram } from '../support/self-metrics-program.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { waitFor } from '../support/wait-for.ts';

const document = readFileSync(join(import.meta.dirname, '../../docs/self-metrics.md'), 'utf8');

/** The cells of the table between two markers, without its head. */
function table(name: string): readonly (readonly string[])[] {
  const [, after = ''] = document.split(`<!-- ${name}:start -->`);
  const lines = after.split(`<!-- ${name}:end -->`)[0]?.split('\n') ?? [];
  const rows = lines.filter((line) => line.startsWith('|')).slice(2);
  return rows.map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim().replace(/^`(.*)`$/, '$1')),
  );
}

function kindOf({ kind, monotonic }: ReceivedMetric): string {
  if (kind !== 'sum') return kind;
  return monotonic ? 'counter' : 'up-down counter';
}

describe('docs/self-metrics.md', () => {
  it('lists exactly the metrics that are emitted', async () => {
    const file = join(await temporaryFolder(), 'self.jsonl');
    const program = new SelfMetricsProgram({ preload: 'none', nodeArguments: ['--expose-gc'] });
    await program.start({ file, intervalMillis: 250 });
    await program.tell('count', 1, 1);
    await program.tell('gc');
    const documented = table('metrics').map(([name = '']) => name);
    const points = await waitFor(
      () => {
        if (statSync(file, { throwIfNoEntry: false }) === undefined) return undefined;
        const all = readMetricsFile(file);
        const names = new Set(all.map(({ name }) => name));
        return documented.every((name) => names.has(name)) && all;
      },
      `the metrics that are documented: ${documented.join(', ')}`,
    );
    await program.end();

    const byName = Map.groupBy(points, ({ name }) => name);
    expect([...byName.keys()].toSorted()).toEqual(documented.toSorted());
    for (const [name = '', kind, unit, attributes = ''] of table('metrics')) {
      const [first] = byName.get(name) ?? [];
      expect([name, first && kindOf(first), first?.unit]).toEqual([name, kind, unit]);
      const keys = new Set((byName.get(name) ?? []).flatMap((point) => Object.keys(point.attributes)));
      // Of the program, not of ours.
      keys.delete('signal');
      for (const key of keys) expect(`${name}: ${attributes}`).toContain(key);
    }
  });
});

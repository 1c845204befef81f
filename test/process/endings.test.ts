import { describe, expect, it } from 'vitest';
import { ENDINGS } from '../support/endings.ts';
import { endOf, expectedOf, runEnding, summaryOf } from '../support/endings-run.ts';

describe.concurrent.each(ENDINGS)('row $row: $ending', ({ programs }) => {
  it.for(programs)('$name', async (program, { onTestFinished }) => {
    const expected = expectedOf(program);
    const { bare, preloaded, warnings, frames, received, transport } = await runEnding(program, onTestFinished);
    expect({
      ends: endOf(bare, expected.ends),
      preloaded,
      warnings,
      frames,
      received,
      ...(program.transport === undefined ? {} : { transport }),
    }).toEqual({
      ends: { signal: null, stdout: '', stderr: '', ...expected.ends },
      preloaded: bare,
      warnings: program.warns === undefined ? [] : [program.warns],
      frames: program.addsFrame === undefined ? [] : [program.addsFrame],
      received: summaryOf(expected),
      ...(program.transport === undefined ? {} : { transport: [program.transport] }),
    });
  });
});

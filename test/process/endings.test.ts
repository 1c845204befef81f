import { describe, expect, it } from 'vitest';
import { ENDINGS } from '../support/endings.ts';
import { endOf, expectedOf, runEnding, summaryOf } from '../support/endings-run.ts';

describe.concurrent.each(ENDINGS)('row $row: $ending', ({ programs }) => {
  it.for(programs)('$name', async (program, { onTestFinished }) => {
    const expected = expectedOf(program);
    const { bare, preloaded, warnings, received, transport } = await runEnding(program, onTestFinished);
    expect({
      ends: endOf(bare, expected.ends),
      preloaded,
      warnings,
      received,
      ...(program.transport === undefined ? {} : { transport }),
    }).toEqual({
      ends: { signal: null, stdout: '', stderr: '', ...expected.ends },
      preloaded: bare,
      warnings: program.warns === undefined ? [] : [program.warns],
      received: summaryOf(expected),
      ...(program.transport === undefined ? {} : { transport: [program.transport] }),
    });
  });
});

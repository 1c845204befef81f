import { describe, expect, it } from 'vitest';
import { type EndingProgram, ENDINGS } from '../support/endings.ts';
import { byNumber, byText, type EndingSummary } from '../support/endings-received.ts';
import { endOf, expectedOf, runEnding } from '../support/endings-run.ts';

/** In the order in which what the backend received is summarised. */
function summaryOf({ ends, received, exits = ends.code === null ? [] : [ends.code] }: Outcome): EndingSummary {
  const { errors, spans, events } = received;
  return {
    errors: errors.toSorted(byText),
    spans: spans.toSorted(byText),
    events,
    exits: exits.toSorted(byNumber),
  };
}

type Outcome = Pick<EndingProgram, 'ends' | 'received' | 'exits'>;

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

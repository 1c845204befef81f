import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { startBackend } from '../support/backend.ts';
import { compare, expand } from '../support/http-parity/compare.ts';
import { cellsOf, rowsOf } from '../support/http-parity/document.ts';
import { EXPECTED_DIFFERENCES } from '../support/http-parity/expected-differences.ts';
import { observe, SIGNALS } from '../support/http-parity/observe.ts';

const theirPreload = fileURLToPath(new URL('../fixtures/http-parity/instrumentation-http.cjs', import.meta.url));
const document = fileURLToPath(new URL('../../docs/http.md', import.meta.url));

describe('the same requests under swansong and under NodeSDK with @opentelemetry/instrumentation-http', () => {
  it('give the same spans and metrics but for the differences that a rule decides', async () => {
    const theirs = await observe(await startBackend(), {
      preload: 'none',
      nodeArguments: ['--require', theirPreload],
    });
    const ours = await observe(await startBackend(), { preload: 'import' });

    expect([...ours.keys()]).toEqual([...theirs.keys()]);
    // Every case gave something to compare, on either side.
    const observed = (side: typeof ours): number[] =>
      [...side.values()].map((one) => SIGNALS.reduce((sum, signal) => sum + one[signal].length, 0));
    expect(Math.min(...observed(theirs), ...observed(ours))).toBeGreaterThan(2);

    expect(compare(theirs, ours)).toEqual(expand(EXPECTED_DIFFERENCES, ours));
  });

  it('are documented: docs/http.md has each difference, with its rule, and no other', () => {
    expect(rowsOf(readFileSync(document, 'utf8'))).toEqual(EXPECTED_DIFFERENCES.map(cellsOf));
  });
});

import { expect, it } from 'vitest';
import { AnotherSdk } from '../../../src/sdk/another-sdk.ts';
import { createDiagLogger } from '../../../src/sdk/diag-logger.ts';

const REFUSED = 'Error: @opentelemetry/api: Attempted duplicate registration of API: trace\n    at registerGlobal';

function setUp() {
  const lines: string[] = [];
  return { lines, another: new AnotherSdk(createDiagLogger((line) => lines.push(line))) };
}

it('one line in place of a stack for each component that the API refuses', () => {
  const { lines, another } = setUp();
  another.logger.error('something else');
  another.logger.error(REFUSED);
  another.logger.error(REFUSED.replace('trace', 'metrics'));
  expect(lines).toEqual([
    'swansong: something else',
    expect.stringMatching(/^swansong: another OpenTelemetry SDK [^\n]*$/),
  ]);
});

it('none where it has been said', () => {
  const { lines, another } = setUp();
  another.reported();
  another.logger.error(REFUSED);
  expect(lines).toEqual([]);
});

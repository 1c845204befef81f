import { constants } from 'node:os';
import { expect, it } from 'vitest';
import { runFixture } from '../support/run-fixture.ts';

it.each(['import', 'require', 'node-options'] as const)(
  'no listener of ours for a signal, an uncaught error or a rejection (%s)',
  async (preload) => {
    const { stdout } = await runFixture({ program: 'endings/count-listeners.mjs', preload });
    const events = [...Object.keys(constants.signals), 'uncaughtException', 'unhandledRejection'];
    expect(JSON.parse(stdout)).toEqual(Object.fromEntries(events.map((event) => [event, 0])));
  },
);

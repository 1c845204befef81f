// Replaces the package `swansong` in the programs that call shutdown() or forceFlush(): it calls those of the distribution.
// Without a distribution they take a turn of the event loop, as all of them do, and do nothing.
import { access } from 'node:fs/promises';

const nothing = async () => {
  await access('.');
  return { ok: true };
};
const { shutdown, forceFlush } = process.env.ENDINGS_SHUTDOWN
  ? await import(process.env.ENDINGS_SHUTDOWN)
  : { shutdown: nothing, forceFlush: nothing };

export { forceFlush, shutdown };

// Stands for the package `swansong` in the programs that call shutdown() or forceFlush(): what these names mean is the
// distribution's. Without one they take a turn of the event loop, as any of them does, and do nothing.
import { access } from 'node:fs/promises';

const nothing = async () => {
  await access('.');
  return { ok: true };
};
const { shutdown, forceFlush } = process.env.ENDINGS_SHUTDOWN
  ? await import(process.env.ENDINGS_SHUTDOWN)
  : { shutdown: nothing, forceFlush: nothing };

export { forceFlush, shutdown };

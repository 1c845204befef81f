import instrument from './instrument.cjs';

// Its shutdown() ends the processors and sends nothing; only forceFlush() starts a request.
export const shutdown = async () => {
  await instrument.provider.forceFlush();
  await instrument.provider.shutdown();
  return { ok: true };
};
export const forceFlush = async () => {
  await instrument.provider.forceFlush();
  return { ok: true };
};

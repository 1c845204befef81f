import * as Sentry from '@sentry/node';

export const shutdown = async ({ timeoutMillis = 5000 } = {}) => ({ ok: await Sentry.close(timeoutMillis) });
export const forceFlush = async ({ timeoutMillis = 5000 } = {}) => ({ ok: await Sentry.flush(timeoutMillis) });

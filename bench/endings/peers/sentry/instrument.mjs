// As in Sentry's documentation, with all traces sampled and with its OpenTelemetry provider, so that it exports spans of the API.
import * as Sentry from '@sentry/node';

Sentry.init({
  dsn: process.env.SENTRY_DSN,
  tracesSampleRate: 1,
  enableOpenTelemetrySetup: true,
});

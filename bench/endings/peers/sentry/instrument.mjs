// As Sentry's documentation shows it, with tracing on for all and with its OpenTelemetry provider, so that spans of the API count.
import * as Sentry from '@sentry/node';

Sentry.init({
  dsn: process.env.SENTRY_DSN,
  tracesSampleRate: 1,
  enableOpenTelemetrySetup: true,
});

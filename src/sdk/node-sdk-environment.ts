import type { Config } from '../config/config.ts';

/**
 * Stands in for `@opentelemetry/core` where `@opentelemetry/sdk-node` imports it, in the preload's bundle only (tsdown.config.ts,
 * scripts/node-sdk-environment.ts). NodeSDK reads the environment again by itself: log limits, OTEL_LOG_LEVEL,
 * OTEL_SDK_DISABLED, span limits, OTEL_NODE_EXPERIMENTAL_SDK_METRICS. It would warn a second time about what swansong has
 * warned of, set its own log, double `otel.sdk.*`, and know nothing of a configuration file. Here it learns the one thing for
 * which it has no option, the limits of log records, and of every other variable that it is not set.
 */
export * from '@opentelemetry/core';

let limits: Config['logRecordLimits'] | undefined;

/** Runs `create` while the environment functions below answer from these limits. */
export function withLogRecordLimits<T>(logRecordLimits: Config['logRecordLimits'], create: () => T): T {
  limits = logRecordLimits;
  try {
    return create();
  } finally {
    limits = undefined;
  }
}

export function getNumberFromEnv(variable: string): number | undefined {
  if (variable === 'OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT') return limits?.attributeCountLimit;
  if (variable === 'OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT') return limits?.attributeValueLengthLimit;
  return undefined;
}

export function getStringFromEnv(_variable: string): undefined {}

export function getStringListFromEnv(_variable: string): undefined {}

export function getBooleanFromEnv(_variable: string): false {
  return false;
}

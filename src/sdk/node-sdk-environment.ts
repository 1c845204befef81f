import type { Config } from '../config/config.ts';

/**
 * Stands in for `@opentelemetry/core` where `@opentelemetry/sdk-node` imports it, in the preload's bundle only (tsdown.config.ts,
 * scripts/node-sdk-environment.ts). NodeSDK reads the environment again by itself: log limits, OTEL_LOG_LEVEL,
 * OTEL_SDK_DISABLED, span limits, OTEL_NODE_EXPERIMENTAL_SDK_METRICS. It would repeat swansong's
 * warnings, replace its diagnostic logger, register `otel.sdk.*` twice, and ignore the configuration file. These functions return
 * the limits of log records, for which NodeSDK has no option; every other variable is reported as not set.
 */
export * from '@opentelemetry/core';

let limits: Config['logRecordLimits'] | undefined;

/** Runs `create` while the environment functions below return these limits. */
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

import { logs } from '@opentelemetry/api';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { guardApi } from './guard/guard-api.ts';
import { type ApiComponent, registered, unregisterAll } from './global-api.ts';
import type { NodeSdkParts } from './node-sdk-configuration.ts';
import { withLogRecordLimits } from './node-sdk-environment.ts';

/**
 * Has OpenTelemetry's NodeSDK create the providers and register them: all of them, or none. NodeSDK does not report a
 * component that the API refuses, so what is registered is read back afterwards. Its `shutdown()` is never called: it has no
 * deadline, and it rejects at the first signal that fails.
 *
 * @throws Error if a component is missing; everything has been unregistered then
 */
export function startNodeSdk({ logRecordLimits, ...parts }: NodeSdkParts): void {
  guardApi({
    traces: parts.spanProcessors.length > 0,
    metrics: parts.metricReaders.length > 0,
    logs: parts.logRecordProcessors.length > 0,
  });
  withLogRecordLimits(logRecordLimits, () => new NodeSDK(parts).start());
  // Even without a processor NodeSDK registers a logger provider, which discards every record.
  if (parts.logRecordProcessors.length === 0) logs.disable();
  const expected: ApiComponent[] = ['context', 'propagation'];
  if (parts.spanProcessors.length > 0) expected.push('trace');
  if (parts.metricReaders.length > 0) expected.push('metrics');
  if (parts.logRecordProcessors.length > 0) expected.push('logs');
  const missing = expected.filter((component) => registered(component) === undefined);
  if (missing.length === 0) return;
  unregisterAll();
  throw new Error(`the OpenTelemetry API refused the registration of ${missing.join(', ')}`);
}

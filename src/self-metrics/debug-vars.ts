import { basename } from 'node:path';
import { getHeapStatistics } from 'node:v8';
import type { Attributes } from '@opentelemetry/api';
import type { ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { activeResources } from './process-metrics.ts';

interface Variable {
  readonly unit: string;
  readonly values: readonly { readonly attributes: Attributes; readonly value: unknown }[];
}

/**
 * The content of `/debug/vars`, after Go's expvar: command line, memory, and every metric with its current values. The command
 * line is only the executable and the program, since arguments may contain secrets.
 */
export function debugVars({ resource, scopeMetrics }: ResourceMetrics): object {
  const { total, byType } = activeResources();
  const metrics: Record<string, Variable> = {};
  for (const { descriptor, dataPoints } of scopeMetrics.flatMap((scope) => scope.metrics)) {
    const values = dataPoints.map(({ attributes, value }) => ({ attributes, value }));
    const others = metrics[descriptor.name]?.values ?? [];
    metrics[descriptor.name] = { unit: descriptor.unit, values: [...others, ...values] };
  }
  return {
    cmdline: [basename(process.execPath), ...process.argv.slice(1, 2)],
    pid: process.pid,
    version: process.version,
    uptime_seconds: process.uptime(),
    memstats: { ...process.memoryUsage(), ...getHeapStatistics() },
    active_resources: { total, by_type: Object.fromEntries(byType) },
    resource: resource.attributes,
    metrics,
  };
}

import { monitorEventLoopDelay } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import type { Attributes } from '@opentelemetry/api';

/** Sampling interval of the event loop delay. Coarse, since each sample wakes an idle process; stalls that matter are longer. */
const DELAY_RESOLUTION_MILLIS = 100;

export interface ProcessFacts {
  (): Attributes;
  /** Ends the sampling of the event loop delay. */
  stop(): void;
}

/**
 * The state of the process when it crashed: attributes of the FATAL log record.
 *
 * | attribute | unit | what |
 * | --- | --- | --- |
 * | `process.uptime` | s | since the process started |
 * | `process.memory.usage` | By | resident set size |
 * | `v8js.memory.heap.used`, `v8js.memory.heap.limit` | By | of the JavaScript heap |
 * | `nodejs.eventloop.delay.max`, `nodejs.eventloop.delay.mean` | s | since the start |
 * | `v8js.resource.active` | {resource} | what kept the event loop alive, by type |
 * | `swansong.span.live` | {span} | spans that had started and not ended |
 */
export function createProcessFacts(liveSpans: () => number): ProcessFacts {
  const delay = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MILLIS });
  delay.enable();
  const read = (): Attributes => {
    const heap = getHeapStatistics();
    const active: Record<string, number> = {};
    for (const type of process.getActiveResourcesInfo()) active[type] = (active[type] ?? 0) + 1;
    return {
      'process.uptime': process.uptime(),
      'process.memory.usage': process.memoryUsage.rss(),
      'v8js.memory.heap.used': heap.used_heap_size,
      'v8js.memory.heap.limit': heap.heap_size_limit,
      ...(delay.count === 0
        ? {}
        : { 'nodejs.eventloop.delay.max': toDelay(delay.max), 'nodejs.eventloop.delay.mean': toDelay(delay.mean) }),
      'v8js.resource.active': active,
      'swansong.span.live': liveSpans(),
    };
  };
  return Object.assign(read, { stop: () => void delay.disable() });
}

/** Seconds by which a sample was late; the histogram has the nanoseconds between two samples. */
function toDelay(nanoseconds: number): number {
  return Math.max(0, nanoseconds / 1e9 - DELAY_RESOLUTION_MILLIS / 1000);
}

import { type Meter, ValueType } from '@opentelemetry/api';

const MICROSECONDS = 1e6;

/** Semantic conventions, "Process metrics". In a worker thread they also describe the whole process. */
export function observeProcess(meter: Meter): void {
  meter
    .createObservableCounter('process.cpu.time', {
      description: 'Processor time the process has used, by cpu.mode (user, system).',
      unit: 's',
    })
    .addCallback((result) => {
      const { user, system } = process.cpuUsage();
      result.observe(user / MICROSECONDS, { 'cpu.mode': 'user' });
      result.observe(system / MICROSECONDS, { 'cpu.mode': 'system' });
    });
  meter
    .createObservableUpDownCounter('process.memory.usage', {
      description: 'Physical memory in use by the process (RSS).',
      unit: 'By',
      valueType: ValueType.INT,
    })
    .addCallback((result) => result.observe(process.memoryUsage.rss()));
  meter
    .createObservableGauge('process.uptime', { description: 'Time the process has been running.', unit: 's' })
    .addCallback((result) => result.observe(process.uptime()));
}

export interface ActiveResources {
  readonly total: number;
  /** How many of each type, such as `Timeout` or `TCPSocketWrap`. */
  readonly byType: ReadonlyMap<string, number>;
}

/** What keeps the event loop of this thread alive right now. */
export function activeResources(): ActiveResources {
  const byType = new Map<string, number>();
  const types = process.getActiveResourcesInfo();
  for (const type of types) byType.set(type, (byType.get(type) ?? 0) + 1);
  return { total: types.length, byType };
}

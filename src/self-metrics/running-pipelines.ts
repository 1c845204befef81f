import type { SelfMetrics } from './pipeline.ts';

export interface RunningPipeline {
  readonly selfMetrics: SelfMetrics;
  /** Started from the variables alone, by the preload or by `startSelfMetrics()`. */
  readonly byVariables: boolean;
}

type Watcher = (pipeline: RunningPipeline, event: 'started' | 'ended') => void;

interface Registry {
  readonly pipelines: Set<RunningPipeline>;
  readonly watchers: Set<Watcher>;
}

/** The preload (CommonJS) and the module that applications import (ESM) are two bundles; this symbol is where they meet. */
const KEY = Symbol.for('swansong.self-metrics');

/** The pipelines of this thread. */
export function runningPipelines(): ReadonlySet<RunningPipeline> {
  return registry().pipelines;
}

export function addPipeline(pipeline: RunningPipeline): void {
  const { pipelines, watchers } = registry();
  pipelines.add(pipeline);
  for (const watch of watchers) watch(pipeline, 'started');
}

export function removePipeline(pipeline: RunningPipeline): void {
  const { pipelines, watchers } = registry();
  if (!pipelines.delete(pipeline)) return;
  for (const watch of watchers) watch(pipeline, 'ended');
}

/** Tells of the pipelines that run, and of each that starts or ends from now on. */
export function watchPipelines(watch: Watcher): void {
  const { pipelines, watchers } = registry();
  watchers.add(watch);
  for (const pipeline of pipelines) watch(pipeline, 'started');
}

function registry(): Registry {
  const found: unknown = Reflect.get(globalThis, KEY);
  if (isRegistry(found)) return found;
  const made: Registry = { pipelines: new Set(), watchers: new Set() };
  Object.defineProperty(globalThis, KEY, { value: made, configurable: true });
  return made;
}

function isRegistry(value: unknown): value is Registry {
  return (
    typeof value === 'object' &&
    value !== null &&
    'pipelines' in value &&
    value.pipelines instanceof Set &&
    'watchers' in value &&
    value.watchers instanceof Set
  );
}

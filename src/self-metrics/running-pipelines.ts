import type { SelfMetrics } from './pipeline.ts';
import { isObject } from '../values/is-object.ts';

export interface RunningPipeline {
  readonly selfMetrics: SelfMetrics;
  /** Whether its exporters come from environment variables, not from options of `startSelfMetrics()`. */
  readonly byVariables: boolean;
}

type Watcher = (pipeline: RunningPipeline, event: 'started' | 'ended') => void;

interface Registry {
  readonly pipelines: Set<RunningPipeline>;
  readonly watchers: Set<Watcher>;
}

/** Shared by the preload (CommonJS) and the module that applications import (ESM), which are two bundles. */
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

/** Calls `watch` for each running pipeline, and for each that starts or ends from now on. */
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
    isObject(value) &&
    'pipelines' in value &&
    value.pipelines instanceof Set &&
    'watchers' in value &&
    value.watchers instanceof Set
  );
}

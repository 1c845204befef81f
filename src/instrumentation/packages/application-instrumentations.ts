import { createRequire, register } from 'node:module';
import { diag, logs, metrics, trace } from '@opentelemetry/api';
import type { Instrumentation } from '@opentelemetry/instrumentation';
import { messageOf } from '../../values/thrown.ts';
import { createApplicationRequire, requireFromApplication } from '../../application/application-require.ts';
import { read } from '../../values/read.ts';

/**
 * Loads the packages of SWANSONG_INSTRUMENTATIONS, which the application has installed. They hook `require` themselves; for
 * `import` they need a loader hook, which is registered only here.
 *
 * @returns those that could be loaded
 */
export function loadApplicationInstrumentations(packages: readonly string[]): ReadonlySet<string> {
  const loaded = new Set<string>();
  // Each once: a second instance would tell everything a second time.
  for (const packageName of new Set(packages)) {
    try {
      load(packageName);
      loaded.add(packageName);
    } catch (error) {
      diag.error(`${messageOf(error)}; going on without it`);
    }
  }
  return loaded;
}

function load(packageName: string): void {
  // They enable themselves as they are made.
  const instrumentations = findInstrumentations(requireFromApplication(packageName, 'SWANSONG_INSTRUMENTATIONS'));
  if (instrumentations.length === 0)
    throw new Error(`${packageName} exports no instrumentation (a class with enable() and disable())`);
  try {
    hookImports(packageName);
    for (const instrumentation of instrumentations) {
      // The package may bring another copy of the API: it must not depend on how that one finds the global providers.
      instrumentation.setTracerProvider(trace.getTracerProvider());
      instrumentation.setMeterProvider(metrics.getMeterProvider());
      instrumentation.setLoggerProvider?.(logs.getLoggerProvider());
    }
  } catch (error) {
    for (const instrumentation of instrumentations) instrumentation.disable();
    throw error;
  }
}

function findInstrumentations(exports: Readonly<Record<string, unknown>>): Instrumentation[] {
  const found = new Set<Instrumentation>();
  for (const exported of Object.values(exports)) {
    if (typeof exported !== 'function' || !hasMethods(exported.prototype)) continue;
    const instrumentation: unknown = Reflect.construct(exported, []);
    if (hasMethods(instrumentation)) found.add(instrumentation);
  }
  return [...found];
}

function hasMethods(value: unknown): value is Instrumentation {
  return ['enable', 'disable', 'setTracerProvider', 'setMeterProvider'].every(
    (method) => typeof read(value, method) === 'function',
  );
}

const hookedBy = new Set<string>();

/** Registers the hook of the package's own copy of import-in-the-middle: hook and package share its registry of modules. */
function hookImports(packageName: string): void {
  const fromPackage = createRequire(createApplicationRequire().resolve(packageName));
  const fromInstrumentation = createRequire(fromPackage.resolve('@opentelemetry/instrumentation'));
  const path = fromInstrumentation.resolve('import-in-the-middle');
  if (hookedBy.has(path)) return;
  hookedBy.add(path);
  const sync = synchronousHooks(fromInstrumentation);
  if (sync === undefined) register('import-in-the-middle/hook.mjs', `file://${path}`);
  else sync();
}

/** From import-in-the-middle 3.5, if Node has synchronous hooks: they need no second thread and no DEP0205 on Node 26. */
function synchronousHooks(require: NodeJS.Require): (() => void) | undefined {
  try {
    const hooks: unknown = require('import-in-the-middle/register-hooks.mjs');
    const supports = read(hooks, 'supportsSyncHooks');
    const start = read(hooks, 'register');
    if (typeof supports !== 'function' || typeof start !== 'function' || supports() !== true) return undefined;
    return () => {
      start();
    };
  } catch {
    return undefined;
  }
}

import { diag, logs, metrics, trace } from '@opentelemetry/api';
import type { Instrumentation } from '@opentelemetry/instrumentation';
import { findInstalledVersion } from '../../application/installed-version.ts';
import type { BuiltInInstrumentation } from '../../config/built-in-instrumentations.ts';
import type { Config, InstrumentationOptions } from '../../config/config.ts';
import { builtInReplacedBy, openTelemetryPackage, recordedBy } from '../../config/instrumentation-packages.ts';
import { messageOf } from '../../values/thrown.ts';
import { AUTO_INSTRUMENTATIONS, insteadOfAutoInstrumentations } from './auto-instrumentations.ts';
import { createInstrumentations } from './create-instrumentations.ts';
import { ImportHooks } from './import-hooks.ts';
import { findUnsupportedLibrary, interceptedModules, moduleDefinitions } from './module-definitions.ts';

/**
 * Loads the packages of SWANSONG_INSTRUMENTATIONS, which the application has installed. They hook `require` themselves; for
 * `import` they need a loader hook, which is registered only here, for the modules that they patch. One that cannot be used is
 * reported in one line, and the others are loaded.
 *
 * @param isOn whether a built-in instrumentation is wanted
 * @returns the built-in instrumentations whose places they take
 */
export function loadApplicationInstrumentations(
  { packages, options }: Pick<Config['instrumentations'], 'packages' | 'options'>,
  isOn: (name: BuiltInInstrumentation) => boolean,
): ReadonlySet<BuiltInInstrumentation> {
  const loaded = new LoadedPackages();
  const report = (packageName: string, error: unknown): void => {
    loaded.remove(packageName);
    const builtIn = builtInReplacedBy(packageName);
    const stays = builtIn !== undefined && isOn(builtIn) && !loaded.replaced.has(builtIn);
    diag.error(`${messageOf(error)}; ${stays ? `the built-in ${builtIn} stays` : 'going on without it'}`);
  };
  for (const name of packages) {
    const packageName = findPackage(name);
    const own = options[name] ?? {};
    if (loaded.has(packageName) || own['enabled'] === false) continue;
    try {
      loaded.add(packageName, own);
    } catch (error) {
      report(packageName, error);
    }
  }
  loaded.start(report);
  return loaded.replaced;
}

class LoadedPackages {
  readonly #instrumentations = new Map<string, readonly Instrumentation[]>();
  readonly #hooks = new ImportHooks();

  has(packageName: string): boolean {
    return this.#instrumentations.has(packageName);
  }

  get replaced(): ReadonlySet<BuiltInInstrumentation> {
    return new Set([...this.#instrumentations.keys()].flatMap((packageName) => builtInReplacedBy(packageName) ?? []));
  }

  /** @throws Error that says why the package is of no use; it may have been added until then */
  add(packageName: string, options: InstrumentationOptions): void {
    if (packageName === AUTO_INSTRUMENTATIONS) throw new Error(insteadOfAutoInstrumentations());
    this.#refuseSecond(packageName);
    const instrumentations = createInstrumentations(packageName, options);
    this.#instrumentations.set(packageName, instrumentations);
    const modules = instrumentations.map(moduleDefinitions);
    const known = modules.flatMap((definitions) => definitions ?? []);
    const unsupported = findUnsupportedLibrary(known);
    if (unsupported !== undefined) {
      const { name, supported, installed } = unsupported;
      const problem = `${packageName} supports ${name} ${supported}, and ${installed} is installed`;
      if (builtInReplacedBy(packageName) !== undefined) throw new Error(problem);
      // It stays: another package may have brought a copy that it does record.
      diag.warn(`${problem}; nothing is recorded of that`);
    }
    this.#hooks.add(packageName, modules.includes(undefined) ? 'all' : interceptedModules(known));
  }

  /** To be called once, after all have been added. */
  start(onFailure: (packageName: string, error: unknown) => void): void {
    this.#hooks.register((packageName, error) => {
      if (this.has(packageName)) onFailure(packageName, error);
    });
    for (const [packageName, instrumentations] of this.#instrumentations) {
      try {
        for (const instrumentation of instrumentations) setProviders(instrumentation);
      } catch (error) {
        onFailure(packageName, error);
      }
    }
  }

  remove(packageName: string): void {
    for (const instrumentation of this.#instrumentations.get(packageName) ?? []) instrumentation.disable();
    this.#instrumentations.delete(packageName);
  }

  #refuseSecond(packageName: string): void {
    const records = recordedBy(packageName);
    if (records === undefined) return;
    const first = [...this.#instrumentations.keys()].find((other) => recordedBy(other) === records);
    if (first !== undefined) throw new Error(`${packageName} would record again what ${first} does`);
  }
}

/** The package that a name without a scope stands for, if it is none of the short names that are known. */
function findPackage(name: string): string {
  const packageName = openTelemetryPackage(name);
  return packageName !== undefined && findInstalledVersion(packageName) !== undefined ? packageName : name;
}

function setProviders(instrumentation: Instrumentation): void {
  // The package may bring another copy of the API: it must not depend on how that one finds the global providers.
  instrumentation.setTracerProvider(trace.getTracerProvider());
  instrumentation.setMeterProvider(metrics.getMeterProvider());
  instrumentation.setLoggerProvider?.(logs.getLoggerProvider());
}

import { isBuiltin } from 'node:module';
import { isAbsolute } from 'node:path';
import type { Instrumentation } from '@opentelemetry/instrumentation';
import { findInstalledVersion } from '../../application/installed-version.ts';
import { read } from '../../values/read.ts';
import { satisfies } from './version-range.ts';

/** A module that an instrumentation patches (`InstrumentationNodeModuleDefinition`). */
export interface ModuleDefinition {
  readonly name: string;
  /** Ranges of npm: of the module, or of those of its files that are patched. */
  readonly supportedVersions: readonly string[];
}

/** A library that is installed in a version that an instrumentation does not patch. */
export interface UnsupportedLibrary {
  readonly name: string;
  readonly installed: string;
  readonly supported: string;
}

/**
 * The modules that an instrumentation patches; none for one that listens to diagnostics channels. Undefined if it does not tell: it
 * does not extend OpenTelemetry's base class.
 */
export function moduleDefinitions(instrumentation: Instrumentation): readonly ModuleDefinition[] | undefined {
  // What the constructor has made of `init()`. Newer versions also have getModuleDefinitions(), which calls that once more.
  const modules = read(instrumentation, '_modules');
  if (!Array.isArray(modules)) return undefined;
  return modules.flatMap((module: unknown) => {
    const name = read(module, 'name');
    return typeof name === 'string' ? [{ name, supportedVersions: supportedVersions(module) }] : [];
  });
}

function supportedVersions(module: unknown): readonly string[] {
  const files = read(module, 'files');
  const patched: unknown[] = Array.isArray(files) ? [...files] : [];
  if (patched.length === 0 || typeof read(module, 'patch') === 'function') patched.push(module);
  return patched.flatMap((each) => {
    const versions = read(each, 'supportedVersions');
    return Array.isArray(versions) ? versions.filter((version) => typeof version === 'string') : [];
  });
}

/**
 * The library for which an instrumentation is of no use, since none of those that it patches is installed in a version that it
 * supports. Undefined if one is, or none is installed: another package may have brought its own.
 */
export function findUnsupportedLibrary(
  definitions: readonly ModuleDefinition[],
  installedVersion: (name: string) => string | undefined = findInstalledVersion,
): UnsupportedLibrary | undefined {
  const unsupported: UnsupportedLibrary[] = [];
  for (const [name, ranges] of rangesByName(definitions)) {
    const installed = isBuiltin(name) || isAbsolute(name) ? undefined : installedVersion(name);
    if (installed === undefined) continue;
    if (ranges.length === 0 || ranges.some((range) => satisfies(installed, range) !== false)) return undefined;
    unsupported.push({ name, installed, supported: ranges.join(' || ') });
  }
  return unsupported[0];
}

/** Some have a definition for each generation of a library. */
function rangesByName(definitions: readonly ModuleDefinition[]): ReadonlyMap<string, readonly string[]> {
  const ranges = new Map<string, readonly string[]>();
  for (const { name, supportedVersions: versions } of definitions) {
    ranges.set(name, [...new Set([...(ranges.get(name) ?? []), ...versions])]);
  }
  return ranges;
}

/**
 * What import-in-the-middle has to intercept for these modules: they as they are imported, and all files of their packages
 * (`mysql2/promise`), by their URLs.
 */
export function interceptedModules(definitions: readonly ModuleDefinition[]): readonly (string | RegExp)[] {
  const included = new Map<string, string | RegExp>();
  for (const { name } of definitions) {
    included.set(name, name);
    if (isBuiltin(name) || isAbsolute(name)) continue;
    const packageName = /^(?:@[^/]+\/)?[^/]+/.exec(name)?.[0] ?? name;
    included.set(`${packageName}/`, new RegExp(`/node_modules/${packageName.replaceAll('.', String.raw`\.`)}/`));
  }
  return [...included.values()];
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { read } from '../../values/read.ts';
import { readMethod } from './private-fields.ts';

/** SDK 2.x began with sdk-node 0.200. Before that, spans have other fields for parent and scope. */
const FIRST_MINOR = 200;

/** Up to the 2.x line sdk-node is CommonJS, so the copy that runs is among the modules that were required. */
const SDK_FILE = /^(?<folder>.*[\\/]@opentelemetry[\\/]sdk-node)[\\/]build[\\/]src[\\/]sdk\.js$/;

/**
 * The version of the application's NodeSDK if it is SDK 1.x (0.x before 0.200); undefined if it is newer or unknown. Taken from
 * the sdk-node that is loaded (several may be installed), else from the one that the application would load, else (if it is in a
 * bundle) deduced from the resource in the configuration: up to 1.x a resource has no `getRawAttributes()`.
 */
export function findOldSdk(configuration: object, require: NodeJS.Require): string | undefined {
  const loaded = Object.keys(require.cache);
  const versions = versionsOf(loaded);
  if (versions.length === 0) versions.push(...versionsOf(resolveSdk(require)));
  if (versions.length > 0) return versions.every(isOld) ? versions[0] : undefined;
  const resource: unknown = Reflect.get(configuration, 'resource');
  const isOldResource =
    readMethod(resource, 'merge') !== undefined && readMethod(resource, 'getRawAttributes') === undefined;
  return isOldResource ? '1.x' : undefined;
}

function resolveSdk(require: NodeJS.Require): string[] {
  try {
    return [require.resolve('@opentelemetry/sdk-node').replace(/index\.js$/, 'sdk.js')];
  } catch {
    return [];
  }
}

function versionsOf(files: readonly string[]): string[] {
  return files.flatMap((file) => {
    const folder = SDK_FILE.exec(file)?.groups?.['folder'];
    if (folder === undefined) return [];
    try {
      const manifest: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
      const version = read(manifest, 'version');
      return typeof version === 'string' ? [version] : [];
    } catch {
      return [];
    }
  });
}

function isOld(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major === 0 && minor < FIRST_MINOR;
}

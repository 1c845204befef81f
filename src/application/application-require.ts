import { createRequire } from 'node:module';
import { join } from 'node:path';
import { findApplicationPackage } from './application-package.ts';
import { applicationProgram } from './started-program.ts';
import { isObject } from '../values/is-object.ts';

/** A `require` that resolves as the application's does. */
export function createApplicationRequire(): NodeJS.Require {
  return createRequire(applicationFile());
}

/** A file name in the folder from which the application's packages are resolved; without a program (`node -e`), the working directory. */
export function applicationFile(): string {
  const { folder } = findApplicationPackage(applicationProgram());
  return join(folder ?? process.cwd(), 'program.js');
}

/** The exports of a package; what it exports may itself be a class, which then is `module.exports`. @throws Error that names the package to install */
export function requireFromApplication(packageName: string, neededFor: string): Readonly<Record<string, unknown>> {
  return asApplication(packageName, neededFor, (require) => {
    const exports: unknown = require(packageName);
    if (typeof exports === 'function')
      return { 'module.exports': exports, ...Object.fromEntries(Object.entries(exports)) };
    return isObject(exports) ? { ...exports } : {};
  });
}

/** The path of a package's main file. @throws Error that names the package to install */
export function resolveFromApplication(packageName: string, neededFor: string): string {
  return asApplication(packageName, neededFor, (require) => require.resolve(packageName));
}

function asApplication<T>(packageName: string, neededFor: string, find: (require: NodeJS.Require) => T): T {
  try {
    return find(createApplicationRequire());
  } catch (error) {
    const missing =
      error instanceof Error &&
      'code' in error &&
      error.code === 'MODULE_NOT_FOUND' &&
      error.message.includes(`'${packageName}'`);
    throw new Error(
      missing
        ? `${neededFor} needs the package ${packageName}: npm install ${packageName}`
        : `${packageName} could not be loaded: ${String(error)}`,
      {
        cause: error,
      },
    );
  }
}

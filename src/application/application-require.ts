import { createRequire } from 'node:module';
import { join } from 'node:path';
import { findApplicationPackage } from './application-package.ts';
import { applicationProgram } from './started-program.ts';

/** A `require` that resolves from the application, or from the working directory if there is no program (`node -e`). */
export function createApplicationRequire(): NodeJS.Require {
  const { folder } = findApplicationPackage(applicationProgram());
  return createRequire(join(folder ?? process.cwd(), 'program.js'));
}

/** The exports of a package. @throws Error that names the package to install */
export function requireFromApplication(packageName: string, neededFor: string): Readonly<Record<string, unknown>> {
  return asApplication(packageName, neededFor, (require) => {
    const exports: unknown = require(packageName);
    return typeof exports === 'object' && exports !== null ? { ...exports } : {};
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

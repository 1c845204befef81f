import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';

/** A `require` that resolves as the application's does. */
export function createApplicationRequire(program?: string): NodeJS.Require {
  return createRequire(applicationFile(program));
}

/** The file from which the application's packages are resolved: its program, or a name in the working directory (`node -e`). */
export function applicationFile(program: string | undefined = process.argv[1]): string {
  return program === undefined ? join(process.cwd(), 'program.js') : resolve(program);
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

import { createRequire, register } from 'node:module';
import { pathToFileURL } from 'node:url';
import { createApplicationRequire } from '../../application/application-require.ts';
import { read } from '../../values/read.ts';

/** What is to be intercepted: these modules, or `all`. */
export type Intercepted = readonly (string | RegExp)[] | 'all';

interface HookOptions {
  readonly include: (string | RegExp)[];
}

/** A copy of import-in-the-middle, and what the packages that use it patch. */
interface Copy {
  readonly require: NodeJS.Require;
  intercepted: Intercepted;
  readonly packages: string[];
}

/**
 * Hooks of `import`, by the packages' own copies of import-in-the-middle: hook and package share its registry of modules. Each copy is
 * registered once, so all packages have to be known before.
 */
export class ImportHooks {
  readonly #copies = new Map<string, Copy>();

  /** @throws Error if the package has no import-in-the-middle */
  add(packageName: string, intercepted: Intercepted): void {
    if (intercepted.length === 0) return;
    const fromPackage = createRequire(createApplicationRequire().resolve(packageName));
    const require = createRequire(fromPackage.resolve('@opentelemetry/instrumentation'));
    const path = require.resolve('import-in-the-middle');
    const copy = this.#copies.get(path);
    if (copy === undefined) {
      this.#copies.set(path, { require, intercepted, packages: [packageName] });
      return;
    }
    copy.packages.push(packageName);
    copy.intercepted =
      copy.intercepted === 'all' || intercepted === 'all' ? 'all' : [...copy.intercepted, ...intercepted];
  }

  /** @param onFailure called for each package whose modules cannot be intercepted */
  register(onFailure: (packageName: string, error: unknown) => void): void {
    for (const [path, { require, intercepted, packages }] of this.#copies) {
      try {
        registerHook(path, require, intercepted === 'all' ? undefined : { include: [...intercepted] });
      } catch (error) {
        for (const packageName of packages) onFailure(packageName, error);
      }
    }
  }
}

function registerHook(path: string, require: NodeJS.Require, options: HookOptions | undefined): void {
  const sync = synchronousHooks(require);
  if (sync !== undefined) sync(options);
  else register('import-in-the-middle/hook.mjs', pathToFileURL(path), { data: options });
}

/** From import-in-the-middle 3.5, if Node has synchronous hooks: they need no second thread and no DEP0205 on Node 26. */
function synchronousHooks(require: NodeJS.Require): ((options: HookOptions | undefined) => void) | undefined {
  try {
    const hooks: unknown = require('import-in-the-middle/register-hooks.mjs');
    const supports = read(hooks, 'supportsSyncHooks');
    const start = read(hooks, 'register');
    if (typeof supports !== 'function' || typeof start !== 'function' || supports() !== true) return undefined;
    return (options) => {
      start(options);
    };
  } catch {
    return undefined;
  }
}

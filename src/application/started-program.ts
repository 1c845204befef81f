import { isObject } from '../values/is-object.ts';

/** pm2 starts its own program, which later loads the application's. */
const PM2_CONTAINER = /[\\/]pm2[\\/]lib[\\/]ProcessContainer/;

type Environment = Readonly<Record<string, string | undefined>>;

/** The program that this process runs: `argv[1]`, except under a process manager that loads it within its own program. */
export function startedProgram(program: string | undefined, env: Environment): string | undefined {
  return program !== undefined && PM2_CONTAINER.test(program) ? (pm2Program(env) ?? program) : program;
}

let followed: string | undefined;

/** To be called at the start, with the environment: from then on `applicationProgram()` takes a process manager into account. */
export function followProcessManager(env: Environment): void {
  followed = startedProgram(process.argv[1], env);
}

/** The application's program; undefined if there is none (`node -e`). */
export function applicationProgram(): string | undefined {
  return followed ?? process.argv[1];
}

/** pm2's fork mode sets the variable; in cluster mode it is in a JSON object until pm2 has read that. */
function pm2Program({ pm_exec_path: path, pm2_env: json }: Environment): string | undefined {
  if (path !== undefined) return path;
  try {
    const settings: unknown = JSON.parse(json ?? '');
    const inside: unknown = isObject(settings) ? Reflect.get(settings, 'pm_exec_path') : undefined;
    return typeof inside === 'string' ? inside : undefined;
  } catch {
    return undefined;
  }
}

const TOOLS = [
  /[\\/]npm[\\/]bin[\\/]np[mx]-(?:cli|prefix)\.js$/,
  /[\\/]corepack[\\/]dist[\\/][\w-]+\.[cm]?js$/,
  // Their own folders, or Corepack's of one version: `pnpm/10.1.0/bin/pnpm.cjs`, `yarn/4.9.0/yarn.js`.
  /[\\/]pnpm[\\/](?:\d[\w.+-]*[\\/])?(?:bin|dist)[\\/](?:pnp[mx]|worker)\.[cm]?js$/,
  /[\\/]yarn[\\/](?:\d[\w.+-]*[\\/])?(?:bin[\\/])?yarn(?:pkg)?(?:\.[cm]?js)?$/,
  /[\\/]cli-dist[\\/]bin[\\/]yarn\.[cm]?js$/,
  /[\\/]\.yarn[\\/]releases[\\/]yarn-[^\\/]+\.[cm]?js$/,
  /[\\/]pm2[\\/](?:bin[\\/]pm2(?:-\w+)?|lib[\\/]Daemon\.js)$/,
];

/**
 * Whether a program only installs or starts others: npm, npx, yarn, pnpm, Corepack, pm2. NODE_OPTIONS applies to them as well as
 * to the service that they start. By its path alone, with links resolved, since this is checked at every start.
 */
export function isTool(path: string): boolean {
  return TOOLS.some((pattern) => pattern.test(path));
}

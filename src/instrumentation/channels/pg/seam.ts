import { createRequire } from 'node:module';
import { getCallSites } from 'node:util';
import { diag } from '@opentelemetry/api';
import { onConnecting } from '../../../node-internals/connecting-sockets.ts';
import { isObject } from '../../../values/is-object.ts';
import { Copy } from './copy.ts';
import { isMethod } from './replace-method.ts';
import { boundQuery, tracedConnect } from './traced-pool.ts';
import { tracedQuery } from './traced-query.ts';

/** From the socket to the caller of pg's pool; it takes nine, and other code may have wrapped some. */
const FRAMES = 16;

/**
 * Has every copy of pg publish its queries on the channel `pg:query`, and the waiting for a connection on `pg:pool:connect`.
 *
 * A copy is found when it connects for the first time, by the files on the stack: however it was loaded, also long after the
 * start, and without anything that runs when modules are loaded. (With a subscriber of `tracing:module.require`, an error that a
 * module throws while it is loaded is printed with a source line of Node instead of the application's.) What is loaded already
 * is found at once.
 */
export function publishQueriesOfPg(): void {
  const { cache } = createRequire(import.meta.url);
  const known = new WeakMap<object, Copy>();

  const instrument = (files: Iterable<string>): void => {
    let copy: Copy | undefined;
    const unknown: [string, object, Part][] = [];
    for (const file of files) {
      const prototype = prototypeOf(cache[file]?.exports);
      const part = prototype === undefined ? undefined : partOf(prototype);
      if (prototype === undefined || part === undefined) continue;
      const found = known.get(prototype);
      if (found === undefined) unknown.push([file, prototype, part]);
      copy ??= found;
    }
    for (const [file, prototype, part] of unknown) {
      copy ??= new Copy();
      known.set(prototype, copy);
      PARTS[part](prototype, copy);
      diag.debug(`pg: the ${part} of ${file} publishes its operations`);
    }
  };

  for (const file of Object.keys(cache)) {
    try {
      instrument([file]);
    } catch (error) {
      diag.debug(`pg: what ${file} exports cannot be looked at`, error);
    }
  }
  onConnecting(() => {
    instrument(new Set(getCallSites(FRAMES, { sourceMap: false }).map(({ scriptName }) => scriptName)));
  });
}

/** What is replaced of a class. */
const PARTS = {
  client(prototype: object, copy: Copy) {
    copy.replace(prototype, 'query', tracedQuery);
  },
  pool(prototype: object, copy: Copy) {
    copy.replace(prototype, 'connect', tracedConnect);
    copy.replace(prototype, 'query', boundQuery);
  },
} as const;
type Part = keyof typeof PARTS;

function prototypeOf(exported: unknown): object | undefined {
  if (typeof exported !== 'function') return undefined;
  const prototype = Reflect.getOwnPropertyDescriptor(exported, 'prototype')?.value;
  return isObject(prototype) ? prototype : undefined;
}

/**
 * pg's classes, by what they have: an alias of npm or a fork has another name. The client of pg-native, which does not connect by a
 * socket of Node, is none of them: its queries do not end by what is followed here.
 */
function partOf(prototype: object): Part | undefined {
  const has = (...names: string[]): boolean =>
    names.every((name) => isMethod(Reflect.getOwnPropertyDescriptor(prototype, name)?.value));
  if (has('connect', 'query', 'end', 'escapeLiteral', 'getStartupConf')) return 'client';
  if (has('connect', 'query', 'end', 'newClient')) return 'pool';
  return undefined;
}

import { isObject, isObjectOrFunction } from '../../values/is-object.ts';
import { read, readText } from '../../values/read.ts';
import { isPattern, matchLayer, member, templateOf } from './express-layers.ts';

/** The layers from the outermost application to a route: mounts, then the route's own. */
type Chain = readonly unknown[];

/** Routers may contain each other. */
const MAX_DEPTH = 16;
const MAX_CHAINS = 64;

/** By the application and the route, which live as long as the program: a router may be mounted on several applications. */
const chainsOf = new WeakMap<object, WeakMap<object, readonly Chain[]>>();

/**
 * The template of the route that Express has matched for a request. Express keeps where routers are mounted: the path of the request
 * is matched once more against each way to the route, so that a mount with a parameter is `/t/:tenant`, not `/t/9`.
 *
 * @returns undefined where it cannot be had for certain: the route is in a router that a function of the application calls, or a mount
 * has a pattern that only router 2.3 and later keep
 */
export function expressRoute(request: object): string | undefined {
  const route = read(request, 'route');
  const pattern = read(route, 'path');
  if (!isObject(route) || !Array.isArray(read(route, 'stack'))) return undefined;
  const app = read(request, 'app');
  if (!isObjectOrFunction(app)) {
    // A router without an application. What it is mounted on, if it is, cannot be found.
    return readText(request, 'baseUrl') === '' && isPattern(pattern) ? String(pattern) : undefined;
  }
  const path = pathOf(request);
  for (const chain of chainsTo(route, app)) {
    const template = followChain(chain, path, pattern);
    if (template !== undefined) return template === '' ? '/' : template;
  }
  return undefined;
}

/** As the routers see it, also after a middleware has rewritten it, and on the way out of nested routers. */
function pathOf(request: object): string {
  const [path = ''] = (readText(request, 'url') ?? '').split('?');
  return `${readText(request, 'baseUrl') ?? ''}${path}`;
}

function followChain(chain: Chain, path: string, pattern: unknown): string | undefined {
  let rest = path;
  let template = '';
  for (const [index, layer] of chain.entries()) {
    const match = matchLayer(layer, rest === '' ? '/' : rest);
    if (match === undefined) return undefined;
    const isRoute = index === chain.length - 1;
    const part = isRoute && isPattern(pattern) ? templateOf(pattern) : match.template;
    if (part === undefined) return undefined;
    template += part;
    rest = rest.slice(match.text.length);
  }
  return template;
}

function chainsTo(route: object, app: object): readonly Chain[] {
  let known = chainsOf.get(app);
  if (known === undefined) chainsOf.set(app, (known = new WeakMap()));
  let chains = known.get(route);
  if (chains === undefined) {
    chains = findChains(app, (layer) => member(layer, 'route') === route);
    known.set(route, chains);
  }
  return chains;
}

function findChains(app: unknown, isWanted: (layer: unknown) => boolean, depth = 0): readonly Chain[] {
  const own: Chain[] = [];
  search(routerOf(app), isWanted, [], own);
  const parent = member(app, 'parent');
  if (parent === undefined || depth > MAX_DEPTH || own.length === 0) return own;
  // An application that is mounted on another one is behind a function of Express.
  const mounts = findChains(parent, (layer) => member(member(layer, 'handle'), 'name') === 'mounted_app', depth + 1);
  return mounts.flatMap((mount) => own.map((chain) => [...mount, ...chain])).slice(0, MAX_CHAINS);
}

function search(router: unknown, isWanted: (layer: unknown) => boolean, above: Chain, found: Chain[]): void {
  const stack = member(router, 'stack');
  if (!Array.isArray(stack) || above.length > MAX_DEPTH) return;
  for (const layer of stack) {
    if (found.length >= MAX_CHAINS) return;
    const chain = [...above, layer];
    if (isWanted(layer)) found.push(chain);
    else if (member(layer, 'route') === undefined) search(member(layer, 'handle'), isWanted, chain, found);
  }
}

/** Express 4 keeps its router in `_router`, and throws where `router` is read. */
function routerOf(app: unknown): unknown {
  return member(app, '_router') ?? member(app, 'router');
}

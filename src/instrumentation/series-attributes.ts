import type { Attributes } from '@opentelemetry/api';

/** By the name and the value of one attribute after the other. */
interface Node {
  readonly next: Map<unknown, Node>;
  attributes: Attributes | undefined;
}

/** About 2000 series, as many as the SDK keeps of an instrument. */
const MAX_NODES = 20_000;
let root: Node = { next: new Map(), attributes: undefined };
let nodes = 0;

/**
 * The same frozen object for the same attributes. The SDK hashes the attributes of each measurement, which takes longer than the rest of
 * it; those of a frozen object only once (scripts/faster-sdk.ts).
 */
export function seriesAttributes(attributes: Attributes): Attributes {
  if (nodes >= MAX_NODES) {
    root = { next: new Map(), attributes: undefined };
    nodes = 0;
  }
  let node = root;
  for (const name of Object.keys(attributes)) {
    const value = attributes[name];
    // A list may change later.
    if (typeof value === 'object') return attributes;
    node = nodeFor(nodeFor(node, name), value);
  }
  if (node.attributes !== undefined) return node.attributes;
  node.attributes = Object.freeze({ ...attributes });
  return node.attributes;
}

function nodeFor(node: Node, key: unknown): Node {
  let next = node.next.get(key);
  if (next === undefined) {
    next = { next: new Map(), attributes: undefined };
    node.next.set(key, next);
    nodes += 1;
  }
  return next;
}

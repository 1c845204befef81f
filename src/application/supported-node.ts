const OLDEST_NODE = [22, 15] as const;

/** The line for a Node that is too old; undefined for one that is not. Both bundles that have it can be parsed by an old Node. */
export function unsupportedNode(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return undefined;
  return `swansong: Node.js ${OLDEST_NODE.join('.')} or later is needed (this is ${version}); swansong stays off.`;
}

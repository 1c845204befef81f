const OLDEST_NODE = [22, 15] as const;

/** The message for a Node that is too old; undefined for any other. Both bundles that include this can be parsed by an old Node. */
export function unsupportedNode(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return undefined;
  return `swansong: Node.js ${OLDEST_NODE.join('.')} or later is needed (this is ${version}); swansong stays off.`;
}

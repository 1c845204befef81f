import { parseSync } from 'vite';

/** A node of the ESTree that Vite's own parser (oxc) makes of TypeScript: TypeScript 7 has no parser to call from JavaScript. */
export interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [property: string]: unknown;
}

export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value && 'end' in value;
}

/** @throws SyntaxError with the parser's own message */
export function parse(file: string, source: string): Node {
  const { program, errors } = parseSync(file, source);
  if (errors[0] !== undefined) throw new SyntaxError(`${file}: ${errors[0].message}`);
  const root: unknown = program;
  if (!isNode(root)) throw new SyntaxError(`${file}: the parser returned no tree`);
  return root;
}

/** Of the nodes of TypeScript alone, those with a value in them; all others are erased before the program runs. */
const WITH_VALUE: ReadonlySet<string> = new Set([
  'TSAsExpression',
  'TSSatisfiesExpression',
  'TSNonNullExpression',
  'TSInstantiationExpression',
]);

/** Calls `visit` for every node that is there at run time, outer ones first. */
export function walk(node: Node, visit: (node: Node, parent: Node | undefined) => void, parent?: Node): void {
  if (node.type.startsWith('TS') && !WITH_VALUE.has(node.type)) return;
  if (node.type === 'ImportDeclaration' || node.type === 'ExportAllDeclaration') return;
  visit(node, parent);
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) {
      const candidate: unknown = child;
      if (isNode(candidate)) walk(candidate, visit, node);
    }
  }
}

export function isFunction({ type }: Node): boolean {
  return type === 'FunctionDeclaration' || type === 'FunctionExpression' || type === 'ArrowFunctionExpression';
}

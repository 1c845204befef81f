import { isFunction, isNode, type Node, parse, walk } from './syntax-tree.ts';

// Which tests can notice a mutant? Those that enter the function it is in. V8's own coverage is of the compiled text; two
// calls per function are simpler.

interface Body {
  readonly start: number;
  readonly end: number;
}

/** The functions of a file, each as the piece of text it is. */
function functionsOf(file: string, source: string): { readonly whole: Body; readonly body: Node }[] {
  const functions: { whole: Body; body: Node }[] = [];
  walk(parse(file, source), (node) => {
    if (isFunction(node) && isNode(node['body'])) functions.push({ whole: node, body: node['body'] });
  });
  return functions;
}

/** The same program; each function, and the file when it is loaded, writes its key into `globalThis.entered`. */
export function withCoverage(file: string, source: string): string {
  const insertions: { at: number; text: string }[] = [{ at: 0, text: `${enter(file, undefined)};` }];
  for (const [index, { body }] of functionsOf(file, source).entries()) {
    const call = enter(file, index);
    if (body.type === 'BlockStatement') insertions.push({ at: body.start + 1, text: `${call};` });
    else insertions.push({ at: body.start, text: `(${call},` }, { at: body.end, text: ')' });
  }
  let covered = source;
  for (const { at, text } of insertions.toSorted((a, b) => b.at - a.at)) {
    covered = covered.slice(0, at) + text + covered.slice(at);
  }
  return covered;
}

/** The key of the innermost function that holds a position, or of the file. */
export function keyAt(file: string, source: string, position: number): string {
  let innermost: number | undefined;
  for (const [index, { whole }] of functionsOf(file, source).entries()) {
    // Outer functions come first.
    if (position >= whole.start && position < whole.end) innermost = index;
  }
  return keyOf(file, innermost);
}

function keyOf(file: string, index: number | undefined): string {
  return index === undefined ? file : `${file}#${index}`;
}

function enter(file: string, index: number | undefined): string {
  return `(globalThis.entered??=new Set()).add(${JSON.stringify(keyOf(file, index))})`;
}

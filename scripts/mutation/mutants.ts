import { isFunction, isNode, type Node, parse, walk } from './syntax-tree.ts';

/** One small change of a file. */
export interface Mutant {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** The line as it is, without the white space around it. */
  readonly text: string;
  /** `before → after`, in one line. */
  readonly mutation: string;
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
}

interface Change {
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
  /** What is shown of it, if not the change itself. */
  readonly shown?: string;
}

const BINARY: Readonly<Record<string, readonly string[]>> = {
  '<': ['<=', '>='],
  '<=': ['<', '>'],
  '>': ['>=', '<='],
  '>=': ['>', '<'],
  '===': ['!=='],
  '!==': ['==='],
  '+': ['-'],
  '-': ['+'],
  '*': ['/'],
  '/': ['*'],
  '%': ['*'],
  '**': ['*'],
  '&': ['|'],
  '|': ['&'],
  '<<': ['>>'],
  '>>': ['<<'],
  '>>>': ['<<'],
};
const ASSIGNMENT: Readonly<Record<string, string>> = { '+=': '-=', '-=': '+=', '*=': '/=', '??=': '=', '||=': '&&=' };
const METHOD: ReadonlyMap<string, string> = new Map([
  ['min', 'max'],
  ['max', 'min'],
  ['floor', 'ceil'],
  ['ceil', 'floor'],
  ['some', 'every'],
  ['every', 'some'],
  ['startsWith', 'endsWith'],
  ['endsWith', 'startsWith'],
]);
/** From here on one more is not a difference that a test could ask for, so the number is doubled. */
const LARGE_NUMBER = 100;

export function findMutants(file: string, source: string): Mutant[] {
  const changes: Change[] = [];
  walk(parse(file, source), (node, parent) => changes.push(...changesOf(node, parent, source)));
  const lines = source.split('\n');
  return changes
    .toSorted((a, b) => a.start - b.start || a.end - b.end)
    .map(({ start, end, replacement, shown }) => {
      const line = source.slice(0, start).split('\n').length;
      const mutation = shown ?? `${short(source.slice(start, end))} → ${short(replacement)}`;
      return { file, line, text: lines[line - 1]?.trim() ?? '', mutation, start, end, replacement };
    });
}

export function applyMutant(source: string, { start, end, replacement }: Mutant): string {
  return source.slice(0, start) + replacement + source.slice(end);
}

function short(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  if (line === '') return '(nothing)';
  return line.length > 60 ? `${line.slice(0, 59)}…` : line;
}

function changesOf(node: Node, parent: Node | undefined, source: string): Change[] {
  const whole = (replacement: string, shown?: string): Change => ({
    start: node.start,
    end: node.end,
    replacement,
    ...(shown !== undefined && { shown }),
  });
  switch (node.type) {
    case 'BinaryExpression':
      return binaryChanges(node, source);
    case 'LogicalExpression':
      return logicalChanges(node, source);
    case 'AssignmentExpression': {
      const operator = operatorOf(node, source);
      const other = ASSIGNMENT[operator?.replacement ?? ''];
      return operator === undefined || other === undefined ? [] : [{ ...operator, replacement: other }];
    }
    case 'UpdateExpression':
      return [whole(source.slice(node.start, node.end).replace(/\+\+|--/, (sign) => (sign === '++' ? '--' : '++')))];
    case 'UnaryExpression':
      if (node['operator'] !== '!' && node['operator'] !== '-') return [];
      return isNode(node['argument']) ? [whole(textOf(node['argument'], source))] : [];
    case 'Literal':
      return literalChanges(node, parent).map((replacement) => whole(replacement));
    case 'TemplateLiteral':
      return parent?.type === 'TaggedTemplateExpression' ? [] : [whole("''")];
    case 'ReturnStatement':
      return isNode(node['argument']) && !isPlain(node['argument']) ? [whole('return;')] : [];
    case 'ArrowFunctionExpression': {
      const { body } = node;
      if (!isNode(body) || body.type === 'BlockStatement' || isPlain(body)) return [];
      return [{ start: body.start, end: body.end, replacement: 'undefined' }];
    }
    case 'ExpressionStatement':
      return isCall(node['expression']) ? [whole(';', `${short(source.slice(node.start, node.end))} → (nothing)`)] : [];
    case 'IfStatement':
    case 'ConditionalExpression':
    case 'WhileStatement': {
      const { test } = node;
      if (!isNode(test) || !isBareCondition(test)) return [];
      return [{ start: test.start, end: test.end, replacement: `!(${textOf(test, source)})` }];
    }
    case 'CallExpression':
    case 'MemberExpression':
      return [...optionalChanges(node, source), ...methodChanges(node)];
    default:
      return [];
  }
}

function binaryChanges(node: Node, source: string): Change[] {
  const { left, right, operator } = node;
  if (!isNode(left) || !isNode(right)) return [];
  if (operator === '+' && (isText(left) || isText(right))) return [];
  if (operator === 'instanceof' || operator === 'in') {
    const text = source.slice(node.start, node.end);
    return [{ start: node.start, end: node.end, replacement: `!(${text})` }];
  }
  const found = operatorOf(node, source);
  if (found === undefined) return [];
  return (BINARY[found.replacement] ?? []).map((replacement) => ({
    ...found,
    replacement,
    shown: `${found.replacement} → ${replacement}`,
  }));
}

/** `a ?? b` becomes each of its sides: never the default, always the default. */
function logicalChanges(node: Node, source: string): Change[] {
  const { left, right, operator } = node;
  if (!isNode(left) || !isNode(right)) return [];
  if (operator === '??') {
    return [left, right].map((side) => ({ start: node.start, end: node.end, replacement: textOf(side, source) }));
  }
  const found = operatorOf(node, source);
  if (found === undefined) return [];
  const replacement = operator === '&&' ? '||' : '&&';
  // In parentheses, since `a && b || c` has another meaning with the operators swapped.
  return [
    {
      start: node.start,
      end: node.end,
      replacement: `(${textOf(left, source)} ${replacement} ${textOf(right, source)})`,
      shown: `${String(operator)} → ${replacement} in ${short(source.slice(node.start, node.end))}`,
    },
  ];
}

/** Where the operator of a node with two sides stands, and what it is. */
function operatorOf({ left, right, operator }: Node, source: string): Change | undefined {
  if (!isNode(left) || !isNode(right) || typeof operator !== 'string') return undefined;
  const start = source.indexOf(operator, left.end);
  return start < 0 || start >= right.start ? undefined : { start, end: start + operator.length, replacement: operator };
}

function literalChanges({ value }: Node, parent: Node | undefined): string[] {
  if (typeof value === 'boolean') return [String(!value)];
  if (typeof value === 'number') return [String(value >= LARGE_NUMBER ? value * 2 : value + 1)];
  if (typeof value !== 'string' || value === '' || parent === undefined) return [];
  const isDirective = parent.type === 'ExpressionStatement';
  const isKey = (parent.type === 'Property' || parent.type === 'PropertyDefinition') && isAt(parent['key'], parent);
  const isModule = parent.type === 'ImportExpression' || parent.type === 'ExportNamedDeclaration';
  return isDirective || isKey || isModule ? [] : ["''"];

  function isAt(key: unknown, { computed }: Node): boolean {
    return computed !== true && isNode(key) && key['value'] === value && key.type === 'Literal';
  }
}

function optionalChanges(node: Node, source: string): Change[] {
  const before = node.type === 'CallExpression' ? node['callee'] : node['object'];
  if (node['optional'] !== true || !isNode(before)) return [];
  const start = source.indexOf('?.', before.end);
  const next = source[start + 2];
  const replacement = next === '(' || next === '[' ? '' : '.';
  return [{ start, end: start + 2, replacement, shown: `${short(source.slice(start - 20, start + 12))}: without ?` }];
}

function methodChanges(node: Node): Change[] {
  const { callee } = node;
  if (node.type !== 'CallExpression' || !isNode(callee) || callee.type !== 'MemberExpression') return [];
  const { property } = callee;
  if (!isNode(property) || property.type !== 'Identifier') return [];
  const replacement = METHOD.get(String(property['name']));
  return replacement === undefined ? [] : [{ start: property.start, end: property.end, replacement }];
}

/** A condition that no other mutation turns round. */
function isBareCondition({ type, operator }: Node): boolean {
  return !['BinaryExpression', 'LogicalExpression'].includes(type) && !(type === 'UnaryExpression' && operator === '!');
}

/** What is mutated itself, or is `undefined` already. */
function isPlain({ type, name, value, operator }: Node): boolean {
  if (type === 'UnaryExpression') return operator === 'void';
  return (type === 'Identifier' && name === 'undefined') || (type === 'Literal' && typeof value === 'boolean');
}

function isCall(value: unknown): boolean {
  if (!isNode(value)) return false;
  const { type, operator } = value;
  if (type === 'AwaitExpression' || type === 'ChainExpression') return isCall(value['argument'] ?? value['expression']);
  if (type === 'UnaryExpression' && operator === 'void') return isCall(value['argument']);
  if (type === 'CallExpression') return !(isNode(value['callee']) && value['callee'].type === 'Super');
  return type === 'NewExpression';
}

function isText({ type, value }: Node): boolean {
  return type === 'TemplateLiteral' || (type === 'Literal' && typeof value === 'string');
}

/** In parentheses where the operators around could take it apart. */
function textOf(node: Node, source: string): string {
  const text = source.slice(node.start, node.end);
  const isSafe = ['Identifier', 'Literal', 'CallExpression', 'MemberExpression', 'ParenthesizedExpression'];
  return isSafe.includes(node.type) || isFunction(node) ? text : `(${text})`;
}

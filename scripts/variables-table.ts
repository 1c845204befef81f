// Prints the table of variables of the README, generated from src/config/variables.ts, or with `--write FILE` writes it
// between the markers of that file: node scripts/variables-table.ts --write README.md
import { readFileSync, writeFileSync } from 'node:fs';
import type { Variable } from '../src/config/variable.ts';
import { rows, unsupportedVariables } from '../src/config/variables.ts';
import { withBetweenMarkers } from './between-markers.ts';
import { markdownTable } from './markdown-table.ts';

const HEADER = ['Variable', 'Value', 'Default', 'Meaning'];

/** Who defines a variable, by its prefix: OTEL_ is reserved for the specification, OTEL_{LANGUAGE}_ for the languages. */
export function sourceOf(name: string): 'OpenTelemetry' | 'OpenTelemetry JS' | 'swansong' {
  if (name.startsWith('SWANSONG_')) return 'swansong';
  return name.startsWith('OTEL_NODE_') ? 'OpenTelemetry JS' : 'OpenTelemetry';
}

/** The Markdown between the markers: one table per source, each row of `variables.ts` in one of them. */
export function variablesTable(): string {
  const parts = (['OpenTelemetry', 'OpenTelemetry JS', 'swansong'] as const).map((source) => {
    const lines = Object.entries(rows).filter(([name]) => sourceOf(name) === source);
    return `### Variables of ${source}\n\n${markdownTable(
      HEADER,
      lines.map(([name, row]) => cells(name, row)),
    )}`;
  });
  const ignored = Object.keys(unsupportedVariables).map((name) => `\`${name}\``);
  return `${parts.join('\n\n')}\n\nIgnored with a warning: ${ignored.join(', ')}.`;
}

/** Replaces the table between the markers of the text. @throws Error if the text has no markers */
export function withVariablesTable(text: string): string {
  return withBetweenMarkers(text, 'variables', variablesTable);
}

function cells(name: string, row: Variable): readonly string[] {
  const secret = row.secret === true ? ' Never printed.' : '';
  return [`\`${name}\``, valueOf(row), defaultOf(row), `${row.description}${secret}`];
}

function valueOf(row: Variable): string {
  switch (row.kind) {
    case 'boolean':
      return '`true` or `false`';
    case 'integer':
      return row.min === undefined ? 'integer' : `integer from ${row.min}`;
    case 'duration':
      return 'milliseconds';
    case 'timeout':
      return 'milliseconds, `0` = no limit';
    case 'ratio':
      return 'number from `0` to `1`';
    case 'enum':
      return `one of ${code(row.values)}`;
    case 'list':
      return `list of ${code([...row.values, ...(row.all === true ? ['all'] : [])])}, or \`none\``;
    case 'filter':
      return `list of ${code(row.values)}, or \`none\``;
    case 'packages':
      return 'list of names';
    case 'options':
      return 'JSON object';
    case 'hosts':
      return 'list of host names';
    case 'string':
      return 'text';
    case 'path':
      return 'path of a file';
    case 'file':
      return 'path of a file';
    case 'address':
      return 'port of 127.0.0.1, or `host:port`';
    case 'collector':
      return 'http or https URL';
    case 'url':
      return 'http or https URL; for `grpc` also `host:port`';
    case 'headers':
    case 'attributes':
      return '`name=value,…`, percent-encoded';
  }
}

function defaultOf(row: Variable): string {
  if (row.inherits !== undefined) return `as \`${row.inherits}\``;
  if (!('default' in row) || row.default === undefined) return '';
  if (row.default === 'unlimited') return 'no limit';
  return typeof row.default === 'object' ? `\`${row.default.join(',')}\`` : `\`${row.default}\``;
}

function code(values: readonly string[]): string {
  return values.map((value) => `\`${value}\``).join(', ');
}

function main(): void {
  const [option, file, ...rest] = process.argv.slice(2);
  if (option === undefined) {
    console.log(variablesTable());
  } else if (option === '--write' && file !== undefined && rest.length === 0) {
    const before = readFileSync(file, 'utf8');
    const after = withVariablesTable(before);
    if (after !== before) writeFileSync(file, after);
    console.log(`${file}: table of variables ${after === before ? 'is up to date' : 'written'}`);
  } else {
    console.error('Usage: node scripts/variables-table.ts [--write FILE]');
    process.exitCode = 2;
  }
}

if (process.argv[1] === import.meta.filename) main();

import type { Config } from '../config.ts';
import { quote } from '../show-value.ts';
import type { ConfigDocument } from './document.ts';
import { Entry } from './entry.ts';
import { Findings, type Path } from './findings.ts';
import { mapConfig } from './map-config.ts';
import { texts } from './referenced-variables.ts';
import { kindOf } from './values.ts';

/** How `@opentelemetry/configuration` 0.301 words its errors; with any other words the place is missing, not the error. */
const SUBSTITUTION = /invalid env var substitution: (.*)$/s;
const FILE_FORMAT = /Unsupported file_format/;
const SCHEMA = /(?:^|: |\n {2})((?:\/[^\s]*)?) (must [^\n]*)/;

/** What follows a colon may be a piece of the file. */
const BEFORE_SOURCE = /^[^:\n]*/;

/** One line about why the file was refused: file, line, column and key, and no value that may be a secret. */
export function explainFailure(error: unknown, document: ConfigDocument, raw: unknown, base: Config): string {
  const words = error instanceof Error ? error.message : String(error);
  const reference = SUBSTITUTION.exec(words)?.[1];
  if (reference !== undefined) {
    const place = [...texts(raw)].find(({ text }) => text.includes(reference));
    return document.message(place?.path ?? [], 'expected ${NAME} or ${NAME:-default} as the reference to a variable');
  }
  if (FILE_FORMAT.test(words)) return document.message(['file_format'], explainFormat(raw));
  const [, pointer, problem] = SCHEMA.exec(words) ?? [];
  if (pointer === undefined || problem === undefined)
    return `${document.file}: ${BEFORE_SOURCE.exec(words)?.[0] ?? ''}`;
  return explainSchema(toPath(pointer), problem, document, raw, base);
}

function explainFormat(raw: unknown): string {
  const format: unknown = typeof raw === 'object' && raw !== null ? Reflect.get(raw, 'file_format') : undefined;
  const got =
    format === undefined ? 'there is none' : `got ${typeof format === 'string' ? quote(format) : kindOf(format)}`;
  return `expected the text "1.0" or "1.1", in quotes (${got})`;
}

/** The validator tells that a mapping has a key too many, but not which one: the mapping knows what it would have read. */
function explainSchema(path: Path, problem: string, document: ConfigDocument, raw: unknown, base: Config): string {
  if (problem !== 'must NOT have additional properties')
    return document.message(path, problem.replaceAll(/(?<=\w),(?=\w)/g, ' or '));
  const findings = new Findings();
  mapConfig(new Entry(raw, [], findings), { base, serviceName: undefined });
  const [unknown] = findings.unknownKeys(path);
  if (unknown === undefined) return document.message(path, problem);
  return document.message([...path, unknown], `unknown key, expected one of ${findings.expectedKeys(path)}`);
}

/** A JSON pointer (RFC 6901). */
function toPath(pointer: string): Path {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part));
}

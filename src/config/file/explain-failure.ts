import type { Config } from '../config.ts';
import { messageOf } from '../../values/thrown.ts';
import { quote } from '../show-value.ts';
import type { ConfigDocument } from './document.ts';
import { Entry } from './entry.ts';
import { Findings, type Path } from './findings.ts';
import { mapConfig } from './map-config.ts';
import { texts } from './referenced-variables.ts';
import { fileFormatOf, kindOf } from './values.ts';

/** The messages of `@opentelemetry/configuration` 0.301. An error with another message is reported without line and column. */
const SUBSTITUTION = /invalid env var substitution: (.*)$/s;
const FILE_FORMAT = /Unsupported file_format/;
const SCHEMA = /(?:^|: |\n {2})((?:\/[^\s]*)?) (must [^\n]*)/;

/** What follows a colon may be a piece of the file, which may be a secret. */
const BEFORE_SOURCE = /^[^:\n]*/;

/** One line that says why the file is refused: file, line, column and key, but no value that may be a secret. */
export function explainFailure(error: unknown, document: ConfigDocument, raw: unknown, base: Config): string {
  const message = messageOf(error);
  const reference = SUBSTITUTION.exec(message)?.[1];
  if (reference !== undefined) {
    const place = [...texts(raw)].find(({ text }) => text.includes(reference));
    return document.message(place?.path ?? [], 'expected ${NAME} or ${NAME:-default} as the reference to a variable');
  }
  if (FILE_FORMAT.test(message)) return document.message(['file_format'], explainFormat(raw));
  const [, pointer, problem] = SCHEMA.exec(message) ?? [];
  if (pointer === undefined || problem === undefined)
    return `${document.file}: ${BEFORE_SOURCE.exec(message)?.[0] ?? ''}`;
  return explainSchema(toPath(pointer), problem, document, raw, base);
}

function explainFormat(raw: unknown): string {
  const format = fileFormatOf(raw);
  const got =
    format === undefined ? 'there is none' : `got ${typeof format === 'string' ? quote(format) : kindOf(format)}`;
  return `expected the text "1.0" or "1.1", in quotes (${got})`;
}

/** The validator does not name an unknown key. Mapping the file records which keys were asked for, and so which one is unknown. */
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

import { attributeOf, type OtlpFiles } from './otlp-files.ts';
import { readTraces } from './read-traces.ts';

export type LogRecord = OtlpFiles['logRecords'][number];

/** A label and its text. */
export type Fact = readonly [label: string, text: string];

/** The log record of an error: semantic conventions, "Exceptions in logs". */
export const EXCEPTION = 'exception';
/** The last log record of a process. */
export const EXITED = 'swansong.process.exited';

export function recordsNamed({ logRecords }: OtlpFiles, eventName: string): LogRecord[] {
  return logRecords.filter((record) => record.eventName === eventName);
}

/** The content of an error's log record, for display. */
export function factsOfError(record: LogRecord, files: OtlpFiles): Fact[] {
  const { body, attributes, traceId = '', spanId } = record;
  const stack = attributeOf(attributes, 'exception.stacktrace') ?? '';
  const request = readTraces(files)
    .flatMap(({ spans }) => spans)
    .find((span) => span.id === spanId);
  return [
    ['error', body?.stringValue ?? ''],
    ...causesIn(stack).map((cause): Fact => ['cause', cause]),
    ['stack', `${stack.split('\n').length} lines, causes included`],
    ['request', `${request?.action ?? ''}, in trace ${traceId}`],
    ['process', `${attributeOf(attributes, 'swansong.span.live')} spans open, ${uptime(record)}, ${memory(record)}`],
  ];
}

/** The content of the log record of a process's end, for display. */
export function factsOfExit(record: LogRecord): Fact[] {
  return [['process', `exit code ${attributeOf(record.attributes, 'process.exit.code')}, ${uptime(record)}`]];
}

/** Node prints causes as properties: `[cause]: Error: …` with a stack, `[cause]: [Error: …] {` without. */
function causesIn(stack: string): string[] {
  return [...stack.matchAll(/\[cause\]: (?:\[(.*)\](?: \{)?|(.*))$/gm)].flatMap(
    ([, withoutStack, withStack]) => withoutStack ?? withStack ?? [],
  );
}

function uptime({ attributes }: LogRecord): string {
  return `up for ${Number(attributeOf(attributes, 'process.uptime')).toFixed(1)} s`;
}

function memory({ attributes }: LogRecord): string {
  return `${(Number(attributeOf(attributes, 'process.memory.usage')) / 1e6).toFixed(0)} MB of memory`;
}

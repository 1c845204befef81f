import type { Paint } from './narrator.ts';
import type { Span, Trace } from './read-traces.ts';

interface Row {
  readonly span: Span;
  /** Its branch of the tree and its action. */
  readonly label: string;
}

const HEADINGS = { label: 'span', service: 'service', status: 'status', duration: 'duration' };
const GAP = '  ';

/**
 * Each trace as a tree, with columns aligned over all of them and a time line on one scale.
 * @param width maximum columns of a line
 */
export function drawTraces(traces: readonly Trace[], width: number, paint: Paint): string[] {
  const groups = traces.map((trace) => ({ trace, rows: rowsOf(trace.root, '', '') }));
  const rows = groups.flatMap((group) => group.rows);
  const widths = {
    label: widest([HEADINGS.label, ...rows.map(({ label }) => label)]),
    service: widest([HEADINGS.service, ...rows.map(({ span }) => span.service)]),
    status: widest([HEADINGS.status, ...rows.map(({ span }) => statusOf(span))]),
    duration: widest([HEADINGS.duration, ...rows.map(({ span }) => durationOf(span))]),
  };
  const columns = (label: string, service: string, status: string, duration: string): string[] => [
    label.padEnd(widths.label),
    service.padEnd(widths.service),
    status.padEnd(widths.status),
    duration.padStart(widths.duration),
  ];
  const barWidth = width - Object.values(widths).reduce((sum, column) => sum + column + GAP.length, 0);
  const longestMillis = Math.max(...traces.flatMap(({ spans }) => spans.map(endMillis)));
  const { label, service, status, duration } = HEADINGS;
  const heading = [...columns(label, service, status, duration), scaleOf(longestMillis, barWidth)].join(GAP);
  return [
    paint('dim', heading),
    ...groups.flatMap(({ trace, rows: own }) => [
      '',
      paint('dim', titleOf(trace)),
      ...own.map((row) => {
        const texts = columns(row.label, row.span.service, statusOf(row.span), durationOf(row.span));
        const line = [...texts, barOf(row.span, longestMillis, barWidth)].join(GAP).trimEnd();
        return row.span.failed ? paint('red', line) : line;
      }),
    ]),
  ];
}

function rowsOf(span: Span, branch: string, indent: string): Row[] {
  const { children } = span;
  return [
    { span, label: `${branch}${span.action}` },
    ...children.flatMap((child, index) =>
      index === children.length - 1
        ? rowsOf(child, `${indent}└─ `, `${indent}   `)
        : rowsOf(child, `${indent}├─ `, `${indent}│  `),
    ),
  ];
}

function titleOf({ id, spans, services }: Trace): string {
  const spanCount = `${spans.length} ${spans.length === 1 ? 'span' : 'spans'}`;
  const where = services.length === 1 ? services[0] : `${services.length} services (${services.join(', ')})`;
  return `trace ${id}: ${spanCount} in ${where}`;
}

function statusOf({ status, failed, interrupted }: Span): string {
  return `${interrupted ? 'interrupted' : status}${failed ? ' ✗' : ''}`;
}

function durationOf({ durationMillis }: Span): string {
  return `${durationMillis.toFixed(1)} ms`;
}

function endMillis({ startMillis, durationMillis }: Span): number {
  return startMillis + durationMillis;
}

function scaleOf(longestMillis: number, width: number): string {
  const end = ` ${longestMillis.toFixed(0)} ms`;
  return `0 ${'─'.repeat(Math.max(0, width - end.length - 2))}${end}`;
}

/** Clamped to the time line, since the clocks of two processes differ a little. */
function barOf(span: Span, longestMillis: number, width: number): string {
  const cell = (millis: number): number => Math.round((millis / longestMillis) * width);
  const start = Math.min(Math.max(0, cell(span.startMillis)), width - 1);
  const length = Math.min(Math.max(1, cell(span.durationMillis)), width - start);
  return `${' '.repeat(start)}${'█'.repeat(length)}`;
}

function widest(texts: readonly string[]): number {
  return Math.max(...texts.map((text) => text.length));
}

import { SeverityNumber } from '@opentelemetry/api';

export interface Severity {
  readonly severityNumber: number;
  readonly severityText: string;
}

/** By these names, whatever their numbers are: a logger may count from 0 as npm does, or downwards as syslog. */
const BY_LABEL: Readonly<Record<string, number>> = {
  trace: SeverityNumber.TRACE,
  debug: SeverityNumber.DEBUG,
  info: SeverityNumber.INFO,
  warn: SeverityNumber.WARN,
  error: SeverityNumber.ERROR,
  fatal: SeverityNumber.FATAL,
};

/** pino's levels are 10 apart, those of OpenTelemetry 4: a level between two of them is between those. */
export function pinoSeverity(level: number, label: string | undefined): Severity {
  const severityText = label ?? String(level);
  const known = Object.hasOwn(BY_LABEL, severityText) ? BY_LABEL[severityText] : undefined;
  return { severityNumber: known ?? between(level), severityText };
}

function between(level: number): number {
  if (Number.isNaN(level)) return SeverityNumber.UNSPECIFIED;
  const severity = Math.floor(SeverityNumber.TRACE + (level - 10) * 0.4);
  return Math.min(Math.max(severity, SeverityNumber.TRACE), SeverityNumber.FATAL4);
}

/** Whose lines can be log records: SWANSONG_LOGS. They are names of built-in instrumentations, too. */
export const LOG_SOURCES = ['pino', 'console'] as const;

export type LogSource = (typeof LOG_SOURCES)[number];

export function isLogSource(name: string): name is LogSource {
  return LOG_SOURCES.some((source) => source === name);
}

/** The instrumentation scope of what a source writes. */
export function logScope(source: LogSource): string {
  return `swansong/${source}`;
}

/** Whether it is the scope of lines that the application writes: it may write some after all else has been closed. */
export function isLogScope(scope: string): boolean {
  return LOG_SOURCES.some((source) => logScope(source) === scope);
}

export interface ExceptionDescription {
  readonly type: string;
  readonly message: string;
  readonly stacktrace: string | undefined;
}

export function describeException(thrown: unknown): ExceptionDescription {
  if (!(thrown instanceof Error)) return { type: typeof thrown, message: String(thrown), stacktrace: undefined };
  return { type: thrown.constructor.name, message: thrown.message, stacktrace: thrown.stack };
}

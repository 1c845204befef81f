/** `error.type` of a failure: the code where there is one (ECONNRESET), else the name of its class. Both are few. */
export function errorType(error: unknown): string {
  if (!(error instanceof Error)) return '_OTHER';
  if ('code' in error && typeof error.code === 'string' && error.code !== '') return error.code;
  return error.constructor.name === '' ? error.name : error.constructor.name;
}

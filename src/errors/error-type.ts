/** `error.type` of a failure: its code (ECONNRESET) or else the name of its class; both have low cardinality. */
export function errorType(error: unknown): string {
  if (!(error instanceof Error)) return '_OTHER';
  if ('code' in error && typeof error.code === 'string' && error.code !== '') return error.code;
  return error.constructor.name === '' ? error.name : error.constructor.name;
}

/** The `code` of an Error of Node (`ENOENT`, `ERR_…`, `Z_…`); undefined for everything else. */
export function errorCode(value: unknown): string | undefined {
  return value instanceof Error && 'code' in value && typeof value.code === 'string' ? value.code : undefined;
}

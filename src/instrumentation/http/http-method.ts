/** Known methods of the semantic conventions; any other would make the number of the attribute's values unlimited. */
const KNOWN: ReadonlySet<string> = new Set([
  'CONNECT',
  'DELETE',
  'GET',
  'HEAD',
  'OPTIONS',
  'PATCH',
  'POST',
  'PUT',
  'QUERY',
  'TRACE',
]);

export interface MethodAttributes {
  readonly 'http.request.method': string;
  readonly 'http.request.method_original'?: string;
}

export function methodAttributes(method: string): MethodAttributes {
  if (KNOWN.has(method)) return { 'http.request.method': method };
  const upperCase = method.toUpperCase();
  return { 'http.request.method': KNOWN.has(upperCase) ? upperCase : '_OTHER', 'http.request.method_original': method };
}

/** The first word of a span's name: the method, or HTTP if it is not a known one (semantic conventions, HTTP spans, "Name"). */
export function methodName({ 'http.request.method': method }: MethodAttributes): string {
  return method === '_OTHER' ? 'HTTP' : method;
}

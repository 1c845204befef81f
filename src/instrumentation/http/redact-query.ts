/** Query parameters whose values semantic conventions (url.query, url.full) want replaced, since they are credentials. */
const SECRET_PARAMETERS: ReadonlySet<string> = new Set([
  'AWSAccessKeyId',
  'Signature',
  'sig',
  'X-Goog-Signature',
  'X-Amz-Signature',
  'X-Amz-Credential',
  'X-Amz-Security-Token',
]);

/** The query without its `?`, with the values of credentials replaced by REDACTED. */
export function redactQuery(query: string): string {
  return query
    .split('&')
    .map((parameter) => {
      const equals = parameter.indexOf('=');
      return equals > 0 && SECRET_PARAMETERS.has(parameter.slice(0, equals))
        ? `${parameter.slice(0, equals)}=REDACTED`
        : parameter;
    })
    .join('&');
}

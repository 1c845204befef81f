/** Query parameters whose values are credentials, which semantic conventions (url.query, url.full) require to be replaced. */
const SECRET_PARAMETERS: ReadonlySet<string> = new Set([
  'AWSAccessKeyId',
  'Signature',
  'sig',
  'X-Goog-Signature',
  'X-Amz-Signature',
  'X-Amz-Credential',
  'X-Amz-Security-Token',
]);

/** Most queries have none. With a `%`, a name may be encoded. */
const MAY_HAVE_SECRETS = /%|AWSAccessKeyId|[Ss]ig|X-Amz-/;

/** The query without its `?`, with the values of credentials replaced by REDACTED. */
export function redactQuery(query: string): string {
  if (!MAY_HAVE_SECRETS.test(query)) return query;
  return query
    .split('&')
    .map((parameter) => {
      const equals = parameter.indexOf('=');
      const name = parameter.slice(0, Math.max(0, equals));
      return isSecret(name) ? `${name}=REDACTED` : parameter;
    })
    .join('&');
}

function isSecret(name: string): boolean {
  if (!name.includes('%')) return SECRET_PARAMETERS.has(name);
  try {
    return SECRET_PARAMETERS.has(decodeURIComponent(name));
  } catch {
    return false;
  }
}

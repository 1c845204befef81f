/** The part of a request line between method and version: RFC 9112, section 3.2. */
export interface RequestTarget {
  /** Only in the absolute form, which is sent to proxies. In lower case. */
  readonly scheme: string | undefined;
  /** Only in the absolute form, without user and password, and in the authority form, which CONNECT has. */
  readonly authority: string | undefined;
  readonly hasCredentials: boolean;
  /** The path of the target URL, so empty for CONNECT and for `*`: RFC 9112, section 3.3. */
  readonly path: string;
  /** Without the `?`. */
  readonly query: string | undefined;
}

const ABSOLUTE = /^(?<scheme>[a-z][a-z\d+.-]*):\/\/(?:(?<credentials>[^/?#]*)@)?(?<authority>[^/?#]*)(?<rest>.*)$/is;

export function parseRequestTarget(method: string, target: string): RequestTarget {
  if (method === 'CONNECT') {
    return { scheme: undefined, authority: target, hasCredentials: false, path: '', query: undefined };
  }
  const absolute = target.startsWith('/') ? undefined : ABSOLUTE.exec(target)?.groups;
  if (absolute === undefined) {
    const origin = { scheme: undefined, authority: undefined, hasCredentials: false };
    return target === '*' ? { ...origin, path: '', query: undefined } : { ...origin, ...splitQuery(target) };
  }
  const { path, query } = splitQuery(absolute['rest'] ?? '');
  return {
    scheme: absolute['scheme']?.toLowerCase(),
    authority: absolute['authority'],
    hasCredentials: absolute['credentials'] !== undefined,
    // RFC 9110, section 4.2.3: the normal form of an empty path.
    path: path === '' ? '/' : path,
    query,
  };
}

function splitQuery(text: string): Pick<RequestTarget, 'path' | 'query'> {
  const question = text.indexOf('?');
  return question === -1
    ? { path: text, query: undefined }
    : { path: text.slice(0, question), query: text.slice(question + 1) };
}

/** Undefined for any other: clients could create unlimited values of `url.scheme`, an attribute of metrics. */
export function httpScheme(text: string | undefined): 'http' | 'https' | undefined {
  const scheme = text?.toLowerCase();
  return scheme === 'http' || scheme === 'https' ? scheme : undefined;
}

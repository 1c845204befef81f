import type { Signal } from './observe.ts';

/** A difference that is meant, with the rule that decides; docs/http.md has the same table. */
export interface ExpectedDifference {
  readonly where: readonly Signal[];
  /** Of the span or metric: an attribute's name, or `name`, `status`, `events`, `scope`. */
  readonly field: string;
  readonly cases: readonly string[] | 'all';
  readonly instrumentationHttp: string;
  readonly swansong: string;
  readonly rule: string;
}

const SCOPE = 'OpenTelemetry specification, instrumentation scope: the name of what made the span';
const METHOD_NAME = 'HTTP spans, Name: `{method}` MUST be `HTTP` where `http.request.method` is `_OTHER`';
const METHOD_ORIGINAL =
  'HTTP spans, `http.request.method_original`: what the client sent in the request line, and Node sends `GET`';
const ASTERISK = 'RFC 9112, 3.3: for the asterisk form, path and query of the URL are empty';
const QUERY =
  '`url.full`, `url.query`: the URL that is requested; RFC 3986, 6.2.2: `%20`, `flag` and `flag=` are not the same text';
const CREDENTIALS =
  'HTTP spans, `url.full`: MUST NOT contain credentials. It SHOULD have `REDACTED:REDACTED@` in their place, but Node tells swansong only of the `Authorization` header';
const USER_AGENT = 'HTTP client span, `user_agent.original`: Opt-In';
const SERVER_PORT =
  'HTTP server span, `server.port`: if available, by parsing the header that `server.address` is from; that header has none';
const SCHEME =
  'HTTP server span, `url.scheme`: the scheme of the original request, if known from `Forwarded` or `X-Forwarded-Proto`';
const FIRST_HOST = 'HTTP server definitions, `server.address`: the original host, so the first of several';
const IPV6 =
  '`server.address`: the IP address; RFC 3986, 3.2.2: brackets belong to the URL, and there they are required';
const ARRAY =
  'instrumentation-http copies the array into an object: the application’s headers are lost, and `0: host`, `1: shop.example`, … are sent';
const HOST_SENT =
  'HTTP server definitions, `server.address` and `server.port`: by the `Host` header, and another one was sent (see above)';
const ABSOLUTE_SERVER =
  'RFC 9112, 3.2.2: a server MUST use the host of an absolute-form target and ignore the `Host` header';
const ABSOLUTE_CLIENT =
  'HTTP client span, `server.address` and `server.port`: SHOULD match the request target where it is in absolute form';
const ABSOLUTE_URL = 'RFC 9112, 3.3: an absolute-form target is the URL';
const UNIX_ADDRESS = '`server.address`: the Unix domain socket name';
const UNIX_PORT = '`server.port`: a port number, which such a socket has not';
const UNIX_PEER = '`network.peer.address`: Recommended, the Unix domain socket name';
const CONNECT = 'RFC 9112, 3.3: the authority of the URL is the request target of CONNECT';
const EVENTS =
  'Exceptions on spans: deprecated, and Recording errors: an exception SHOULD be recorded once. The application gets this one';
const ERROR_TYPE =
  'HTTP spans, `error.type`: an exception type or a low-cardinality identifier; the code says which of all `Error`s it was';
const STATUS_CODE = 'HTTP server span, `http.response.status_code`: if and only if one was sent';
const CANCELLED =
  'HTTP spans, Status: a request that the caller cancelled SHOULD NOT be an error: status unset, no `error.type`';
const CUT_OFF =
  'HTTP spans, Status: SHOULD be an error with `error.type` where the response could not be received fully';

const CLIENT_GAVE_UP = 'client gives up before the answer';
const SERVER_GAVE_UP = 'server hangs up before the answer';
const UNANSWERED = [CLIENT_GAVE_UP, SERVER_GAVE_UP, 'client aborts by a signal', 'client times out'];
const REFUSED_TLS = 'tls with a certificate that is refused';

const row = (
  where: readonly Signal[],
  field: string,
  cases: readonly string[] | string,
  [instrumentationHttp, swansong]: readonly [string, string],
  rule: string,
): ExpectedDifference => ({
  where,
  field,
  cases: cases === 'all' ? cases : [cases].flat(),
  instrumentationHttp,
  swansong,
  rule,
});

const SPANS: readonly Signal[] = ['client span', 'server span'];
const CLIENT: readonly Signal[] = ['client span', 'client metric'];
const SERVER: readonly Signal[] = ['server span', 'server metric'];
const ABSOLUTE = ['absolute-form', 'absolute-form with a port'];
const PLAIN = 'http://127.0.0.1:{plain}';
const SAW = '"method":"GET","url":"/array"';

export const EXPECTED_DIFFERENCES: readonly ExpectedDifference[] = [
  row([...CLIENT, ...SERVER], 'scope', 'all', ['@opentelemetry/instrumentation-http', 'swansong/http'], SCOPE),
  row(SPANS, 'name', 'propfind', ['PROPFIND', 'HTTP'], METHOD_NAME),
  row(SPANS, 'name', 'purge', ['PURGE', 'HTTP'], METHOD_NAME),
  row(['client span'], 'http.request.method_original', 'lower-case method', ['get', '(absent)'], METHOD_ORIGINAL),
  row(['client span'], 'url.full', 'options *', [`${PLAIN}*`, PLAIN], ASTERISK),
  row(['server span'], 'url.path', 'options *', ['/*', '(empty)'], ASTERISK),
  row(
    ['client span'],
    'url.full',
    'escapes in the query',
    [`${PLAIN}/search?q=a+b&flag=&empty=`, `${PLAIN}/search?q=a%20b&flag&empty=`],
    QUERY,
  ),
  row(['server span'], 'url.query', 'escapes in the query', ['q=a+b&flag=&empty=', 'q=a%20b&flag&empty='], QUERY),
  row(
    ['client span'],
    'url.full',
    'credentials',
    ['http://REDACTED:REDACTED@127.0.0.1:{plain}/credentials', `${PLAIN}/credentials`],
    CREDENTIALS,
  ),
  row(['client span'], 'user_agent.original', 'user agent', ['parity/1', '(absent)'], USER_AGENT),
  row(
    ['server span'],
    'server.port',
    ['pipelined', 'trace of a caller', 'host header by hand', 'unix socket'],
    ['80', '(absent)'],
    SERVER_PORT,
  ),
  row(
    SERVER,
    'url.scheme',
    ['x-forwarded', 'x-forwarded by two proxies', 'forwarded', 'forwarded by two proxies'],
    ['http', 'https'],
    SCHEME,
  ),
  row(['server span'], 'server.port', ['x-forwarded', 'forwarded by two proxies'], ['443', '(absent)'], SERVER_PORT),
  row(
    ['server span'],
    'server.address',
    'x-forwarded by two proxies',
    ['shop.example, inner', 'shop.example'],
    FIRST_HOST,
  ),
  row(CLIENT, 'server.address', 'ipv6', ['localhost', '::1'], IPV6),
  row(['client span'], 'url.full', 'ipv6', ['http://::1/v6', 'http://[::1]:{v6}/v6'], IPV6),
  row(['server span'], 'server.address', 'ipv6', ['[::1]', '::1'], IPV6),
  row(
    ['application'],
    'body',
    'headers as an array',
    [
      `{${SAW},"host":"127.0.0.1:{plain}","traced":true,"bytes":0}`,
      `{${SAW},"host":"shop.example","own":"1","traced":true,"bytes":0}`,
    ],
    ARRAY,
  ),
  row(['server span'], 'server.address', 'headers as an array', ['127.0.0.1', 'shop.example'], HOST_SENT),
  row(['server span'], 'server.port', 'headers as an array', ['{plain}', '(absent)'], HOST_SENT),
  row(CLIENT, 'server.address', 'unix socket', ['localhost', '{socket}'], UNIX_ADDRESS),
  row(CLIENT, 'server.port', 'unix socket', ['80', '(absent)'], UNIX_PORT),
  row(['client span'], 'network.peer.address', 'unix socket', ['(absent)', '{socket}'], UNIX_PEER),
  row(CLIENT, 'server.address', ABSOLUTE, ['127.0.0.1', 'shop.example'], ABSOLUTE_CLIENT),
  row(CLIENT, 'server.port', 'absolute-form', ['{plain}', '80'], ABSOLUTE_CLIENT),
  row(CLIENT, 'server.port', 'absolute-form with a port', ['{plain}', '8080'], ABSOLUTE_CLIENT),
  row(['server span'], 'server.address', ABSOLUTE, ['127.0.0.1', 'shop.example'], ABSOLUTE_SERVER),
  row(['server span'], 'server.port', 'absolute-form', ['{plain}', '(absent)'], ABSOLUTE_SERVER),
  row(['server span'], 'server.port', 'absolute-form with a port', ['{plain}', '8080'], ABSOLUTE_SERVER),
  row(
    ['client span'],
    'url.full',
    'absolute-form',
    [`${PLAIN}/absolute?q=1`, 'http://shop.example/absolute?q=1'],
    ABSOLUTE_URL,
  ),
  row(
    ['client span'],
    'url.full',
    'absolute-form with a port',
    [`${PLAIN}http://shop.example:8080/absolute`, 'http://shop.example:8080/absolute'],
    ABSOLUTE_URL,
  ),
  row(
    ['client span'],
    'url.full',
    'connect',
    ['http://127.0.0.1:{upgrading}shop.example:443', 'http://shop.example:443'],
    CONNECT,
  ),
  row(
    ['client span'],
    'events',
    [...UNANSWERED, 'refused', 'unknown host', REFUSED_TLS],
    ['exception (exception.message, exception.stacktrace, exception.type)', '(empty)'],
    EVENTS,
  ),
  row(SERVER, 'http.response.status_code', UNANSWERED, ['200', '(absent)'], STATUS_CODE),
  row(CLIENT, 'error.type', SERVER_GAVE_UP, ['Error', 'ECONNRESET'], ERROR_TYPE),
  row(CLIENT, 'error.type', 'client times out', ['Error', 'ETIMEDOUT'], ERROR_TYPE),
  row(CLIENT, 'error.type', 'refused', ['Error', 'ECONNREFUSED'], ERROR_TYPE),
  row(CLIENT, 'error.type', 'unknown host', ['Error', 'ENOTFOUND'], ERROR_TYPE),
  row(
    CLIENT,
    'error.type',
    'tls with a certificate that is refused',
    ['Error', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
    ERROR_TYPE,
  ),
  row(['client span'], 'status', CLIENT_GAVE_UP, ['error socket hang up', 'unset'], CANCELLED),
  row(CLIENT, 'error.type', CLIENT_GAVE_UP, ['Error', '(absent)'], CANCELLED),
  row(['client span'], 'status', 'client aborts by a signal', ['error The operation was aborted', 'unset'], CANCELLED),
  row(CLIENT, 'error.type', 'client aborts by a signal', ['AbortError', '(absent)'], CANCELLED),
  row(['client span'], 'status', 'server hangs up in the middle of the answer', ['unset', 'error aborted'], CUT_OFF),
  row(CLIENT, 'error.type', 'server hangs up in the middle of the answer', ['(absent)', 'ECONNRESET'], CUT_OFF),
];

/** What differs between the frameworks. */
export interface Differences {
  /** Whether the framework publishes the errors that it answers. */
  readonly publishesErrors: boolean;
}

const at = (port: string): string => `server.address=127.0.0.1 server.port=${port}`;

/** A request that the shop, or the server that it calls, answers. */
function served(method: string, path: string, status: number, route?: string, errorType?: string): string {
  const attributes = [
    'client.address=127.0.0.1',
    ...(errorType === undefined ? [] : [`error.type=${errorType}`]),
    `http.request.method=${method}`,
    `http.response.status_code=${status}`,
    ...(route === undefined ? [] : [`http.route=${route}`]),
    'network.peer.address=127.0.0.1',
    'network.protocol.version=1.1',
    at('SHOP'),
    `url.path=${path}`,
    'url.scheme=http',
  ];
  return `server ${method}${route === undefined ? '' : ` ${route}`} | ${attributes.join(' ')}`;
}

/** A call of the other server, and how that sees it. */
function called(path: string, query: string): string[] {
  const common = 'http.request.method=GET http.response.status_code=200';
  const network = 'network.peer.address=127.0.0.1 network.protocol.version=1.1';
  const [full, own] = query === '' ? ['', ''] : [`?${query}`, ` url.query=${query}`];
  return [
    `  client GET | ${common} ${network} ${at('STOCK')} url.full=http://127.0.0.1:STOCK${path}${full}`,
    `    server GET | client.address=127.0.0.1 ${common} ${network} ${at('STOCK')} url.path=${path}${own} url.scheme=http`,
  ];
}

interface Query {
  readonly depth?: number;
  readonly sqlState?: string;
}

const DATABASES = {
  postgresql: { namespace: 'postgres', port: 'POSTGRESQL' },
  mysql: { namespace: 'shop', port: 'MARIADB' },
} as const;

function queried(
  system: keyof typeof DATABASES,
  summary: string,
  text: string,
  { depth = 1, sqlState }: Query = {},
): string {
  const { namespace, port } = DATABASES[system];
  const [status, type, end] =
    sqlState === undefined
      ? ['', '', '']
      : [` db.response.status_code=${sqlState}`, ` error.type=${sqlState}`, ` | error SQLSTATE ${sqlState}`];
  const attributes = `db.namespace=${namespace} db.query.summary=${summary} db.query.text=${text}${status} db.system.name=${system}${type}`;
  return `${'  '.repeat(depth)}client ${summary} | ${attributes} ${at(port)}${end}`;
}

function commanded(name: string, text: string): string {
  return `  client ${name} | db.namespace=0 db.operation.name=${name} db.query.text=${text} db.system.name=redis ${at('REDIS')}`;
}

const MISSING = 'relation "nowhere" does not exist';

export function expectedSpans({ publishesErrors }: Differences): string[] {
  return [
    served('GET', '/health', 200, '/health'),
    served('GET', '/orders/7', 200, '/orders/:id'),
    queried('postgresql', 'SELECT orders', 'SELECT * FROM orders WHERE id = $1'),
    served('GET', '/api/items/tea', 200, '/api/items/:sku'),
    commanded('GET', 'GET session:42'),
    `  client MULTI | db.namespace=0 db.operation.batch.size=2 db.operation.name=MULTI db.system.name=redis ${at('REDIS')}`,
    commanded('SET', 'SET item:tea ? ? ?'),
    commanded('GET', 'GET item:tea'),
    queried('mysql', 'SELECT items', 'SELECT * FROM items WHERE sku = ?'),
    queried('mysql', 'SELECT items', 'SELECT stock FROM items WHERE sku = ?'),
    served('GET', '/api/prices/tea', 200, '/api/prices/:sku'),
    ...called('/price/tea', 'sig=REDACTED'),
    ...called('/rates', ''),
    served('GET', '/api/slow/0.01', 200, '/api/slow/:seconds'),
    queried('postgresql', 'SELECT', 'SELECT pg_sleep($1)'),
    publishesErrors
      ? `${served('GET', '/boom/7', 500, '/boom/:id', 'DatabaseError')} | error ${MISSING} | exception: ${MISSING}`
      : `${served('GET', '/boom/7', 500, '/boom/:id', '500')} | error`,
    queried('postgresql', 'SELECT nowhere', 'SELECT price FROM nowhere WHERE id = ?', { sqlState: '42P01' }),
    served('GET', '/nowhere', 404),
    served('GET', '/api/transfer', 200, '/api/transfer'),
    queried('postgresql', 'BEGIN', 'BEGIN'),
    queried('postgresql', 'UPDATE orders', 'UPDATE orders SET price = price - $1 WHERE id = ?'),
    queried('postgresql', 'COMMIT', 'COMMIT'),
    served('POST', '/graphql', 200, '/graphql'),
    '  internal query one | graphql.operation.name=one graphql.operation.type=query',
    queried('postgresql', 'SELECT orders', 'SELECT price FROM orders WHERE id = $1', { depth: 2 }),
    served('POST', '/mails', 200, '/mails'),
    // The job is added by a script of BullMQ's, whose arguments have what is in the mail.
    commanded('EVAL', `EVAL ? ? bull:mails:wait${' ?'.repeat(11)}`),
  ];
}

export function expectedLogs({ publishesErrors }: Differences): string[] {
  return [
    'info "order read" in GET /orders/:id | card=[Redacted] order=7',
    'warn "stock is low" in GET /api/items/:sku | module=api sku=tea',
    ...(publishesErrors
      ? [`ERROR exception in GET /boom/:id | exception.message=${MISSING} exception.type=DatabaseError`]
      : []),
    'info "mail queued" in POST /mails | ',
    'info "mail sent" in no span | ',
  ].toSorted();
}

export const STDOUT: readonly string[] = [
  '{"level":30,"order":"7","card":"[Redacted]","msg":"order read"}',
  '{"level":40,"module":"api","sku":"tea","msg":"stock is low"}',
  '{"level":30,"msg":"mail queued"}',
  '{"level":30,"msg":"mail sent"}',
];

export function expectedDurations({ publishesErrors }: Differences): string[] {
  const server = (method: string, status: number, route?: string, error = '', count = 1): string =>
    `http.server.request.duration ${count} | ${error}http.request.method=${method} http.response.status_code=${status}${route === undefined ? '' : ` http.route=${route}`} network.protocol.version=1.1 url.scheme=http`;
  const database = (system: keyof typeof DATABASES, summary: string, count = 1, sqlState = ''): string => {
    const { namespace, port } = DATABASES[system];
    const [status, type] =
      sqlState === '' ? ['', ''] : [` db.response.status_code=${sqlState}`, ` error.type=${sqlState}`];
    return `db.client.operation.duration ${count} | db.namespace=${namespace} db.query.summary=${summary}${status} db.system.name=${system}${type} ${at(port)}`;
  };
  const redis = (name: string): string =>
    `db.client.operation.duration 1 | db.namespace=0 db.operation.name=${name} db.system.name=redis ${at('REDIS')}`;
  const client = `http.client.request.duration 1 | http.request.method=GET http.response.status_code=200 network.protocol.version=1.1 ${at('STOCK')}`;
  return [
    ...['/health', '/orders/:id', '/api/items/:sku', '/api/prices/:sku', '/api/slow/:seconds', '/api/transfer'].map(
      (route) => server('GET', 200, route),
    ),
    server('GET', 500, '/boom/:id', `error.type=${publishesErrors ? 'DatabaseError' : '500'} `),
    server('GET', 404),
    server('POST', 200, '/graphql'),
    server('POST', 200, '/mails'),
    // What the other server has answered.
    server('GET', 200, undefined, '', 2),
    client,
    client,
    database('postgresql', 'CREATE TABLE orders'),
    database('postgresql', 'SELECT orders', 2),
    database('postgresql', 'SELECT', 2),
    database('postgresql', 'SELECT nowhere', 1, '42P01'),
    ...['BEGIN', 'UPDATE orders', 'COMMIT'].map((summary) => database('postgresql', summary)),
    database('mysql', 'CREATE TABLE items'),
    database('mysql', 'SELECT items', 2),
    // Of both clients.
    redis('GET'),
    redis('GET'),
    redis('SET'),
    redis('MULTI'),
  ].toSorted();
}

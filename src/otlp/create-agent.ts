import type { Agent } from 'node:http';
import type { AgentOptions } from 'node:https';

export interface TlsFiles {
  readonly ca: Uint8Array | undefined;
  readonly key: Uint8Array | undefined;
  readonly cert: Uint8Array | undefined;
  /** Of the key. */
  readonly passphrase?: string | undefined;
  /** Default true: a server whose certificate no known authority has signed is refused. */
  readonly rejectUnauthorized?: boolean | undefined;
}

/** Milliseconds for a proxy to open a tunnel; OTLP's own default for a request. Without it Node waits for ever. */
const TUNNEL_TIMEOUT_MILLIS = 10_000;

/** A pool of kept-alive connections to one URL, through a proxy where Node's own agents go through one. */
export function createAgent(url: URL, tls: TlsFiles, maxConnections: number): Agent {
  const pool = { keepAlive: true, maxSockets: maxConnections, maxFreeSockets: maxConnections };
  if (url.protocol !== 'https:') {
    const { Agent: HttpAgent, globalAgent } = process.getBuiltinModule('node:http');
    return new HttpAgent({ ...pool, ...proxyOf(globalAgent) });
  }
  const { Agent: HttpsAgent, globalAgent } = process.getBuiltinModule('node:https');
  const proxy = proxyOf(globalAgent);
  if (proxy === undefined) return new HttpsAgent({ ...pool, ...pemOf(tls) });
  const agent = new HttpsAgent({ ...pool, ...pemOf(tls), ...proxy, timeout: TUNNEL_TIMEOUT_MILLIS });
  // A request gets its socket, and can let go of the event loop, only when the tunnel is open.
  const connect = agent.createConnection.bind(agent);
  agent.createConnection = (options, callback) => {
    const socket = connect(options, callback);
    if (socket instanceof process.getBuiltinModule('node:net').Socket) socket.unref();
    return socket;
  };
  return agent;
}

/**
 * The proxy of Node's own agent (NODE_USE_ENV_PROXY=1 with HTTP_PROXY, HTTPS_PROXY, NO_PROXY: Node 22.21, 24.5): an agent of
 * one's own has one only when it is told.
 */
function proxyOf(globalAgent: object): { readonly proxyEnv: object } | undefined {
  // The types are those of the oldest Node, which knows neither.
  const options: unknown = Reflect.get(globalAgent, 'options');
  if (typeof options !== 'object' || options === null || !('proxyEnv' in options)) return undefined;
  const { proxyEnv } = options;
  return typeof proxyEnv === 'object' && proxyEnv !== null ? { proxyEnv } : undefined;
}

/** What crossed into a worker is a plain `Uint8Array`; `tls` takes it as it takes a `Buffer`, its types say only the latter. */
function pemOf({ ca, key, cert, passphrase, rejectUnauthorized }: TlsFiles): AgentOptions {
  return {
    ...(passphrase === undefined ? {} : { passphrase }),
    ...(rejectUnauthorized === undefined ? {} : { rejectUnauthorized }),
    ...(ca === undefined ? {} : { ca: Buffer.from(ca) }),
    ...(key === undefined ? {} : { key: Buffer.from(key) }),
    ...(cert === undefined ? {} : { cert: Buffer.from(cert) }),
  };
}

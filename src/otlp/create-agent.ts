import type { Agent } from 'node:http';
import { proxyOf } from '../node-internals/agent-proxy.ts';
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

/** Milliseconds for a proxy to open a tunnel: OTLP's default for a request. Without a timeout Node waits for ever. */
const TUNNEL_TIMEOUT_MILLIS = 10_000;

/**
 * A pool of kept-alive connections to one URL, through a proxy where Node's own agents go through one: a new agent has one only
 * when it is told.
 */
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
  // A request gets its socket only when the tunnel is open; while it is being opened nobody else unreferences the socket.
  const connect = agent.createConnection.bind(agent);
  agent.createConnection = (options, callback) => {
    const socket = connect(options, callback);
    if (socket instanceof process.getBuiltinModule('node:net').Socket) socket.unref();
    return socket;
  };
  return agent;
}

/** A `Buffer` that was posted to a worker arrives as a plain `Uint8Array`. `tls` accepts both, its types only `Buffer`. */
function pemOf({ ca, key, cert, passphrase, rejectUnauthorized }: TlsFiles): AgentOptions {
  return {
    ...(passphrase === undefined ? {} : { passphrase }),
    ...(rejectUnauthorized === undefined ? {} : { rejectUnauthorized }),
    ...(ca === undefined ? {} : { ca: Buffer.from(ca) }),
    ...(key === undefined ? {} : { key: Buffer.from(key) }),
    ...(cert === undefined ? {} : { cert: Buffer.from(cert) }),
  };
}

import type { Agent } from 'node:http';
import { proxyOf } from '../node-internals/agent-proxy.ts';

export interface TlsFiles {
  readonly ca: Uint8Array | undefined;
  readonly key: Uint8Array | undefined;
  readonly cert: Uint8Array | undefined;
}

/** Milliseconds for a proxy to open a tunnel; OTLP's own default for a request. Without it Node waits for ever. */
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
  // A request gets its socket, and can let go of the event loop, only when the tunnel is open.
  const connect = agent.createConnection.bind(agent);
  agent.createConnection = (options, callback) => {
    const socket = connect(options, callback);
    if (socket instanceof process.getBuiltinModule('node:net').Socket) socket.unref();
    return socket;
  };
  return agent;
}

/** What crossed into a worker is a plain `Uint8Array`; `tls` takes it as it takes a `Buffer`, its types say only the latter. */
function pemOf({ ca, key, cert }: TlsFiles): { ca?: Buffer; key?: Buffer; cert?: Buffer } {
  return {
    ...(ca === undefined ? {} : { ca: Buffer.from(ca) }),
    ...(key === undefined ? {} : { key: Buffer.from(key) }),
    ...(cert === undefined ? {} : { cert: Buffer.from(cert) }),
  };
}

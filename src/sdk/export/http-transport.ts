import type { Agent } from 'node:http';
import type { OtlpConfig } from '../../config/config.ts';
import { DISTRIBUTION_NAME, VERSION } from '../../config/distribution.ts';
import type { TlsFiles } from '../../otlp/create-agent.ts';
import { HttpClient } from '../../otlp/http-client.ts';
import { createHttpDelivery, type Headers, requestHeaders } from '../../otlp/http-delivery.ts';
import type { OtlpEncoding } from '../../otlp/otlp-encoding.ts';
import { untraced } from '../../otlp/untraced.ts';
import type { Connections } from './connections.ts';
import { finalRequests } from './final-requests.ts';
import type { Transport } from './transport.ts';

/**
 * Requests in flight at once. One batch per round trip would limit a backend 100 ms away to 5 120 spans a second; ten, the
 * number of consumers of the OpenTelemetry Collector's own sending queue, raise that to 51 200.
 */
export const MAX_IN_FLIGHT = 10;

export const USER_AGENT: string = `${DISTRIBUTION_NAME}/${VERSION}`;

/** Where one signal goes over HTTP. Functions return what may become known or change later. */
export interface HttpDestination {
  readonly endpoint: string;
  readonly compression: OtlpConfig['compression'];
  /** Besides those that depend on the body. A function is called for each delivery, which fails if it rejects. */
  readonly headers: Headers | (() => Promise<Headers>);
  /** The headers known now, for the end of the process, which cannot wait. */
  readonly latestHeaders: () => Headers;
  /** The certificates known now. */
  readonly tls: () => TlsFiles;
  /** The application's agent, to be used instead of swansong's own. */
  readonly agent?: () => Promise<Agent | undefined>;
}

export function httpTransport<T>(
  destination: HttpDestination,
  encoding: OtlpEncoding<T>,
  connections: Connections,
): Transport<T> {
  const { endpoint, compression, headers, latestHeaders, agent } = destination;
  const client = new HttpClient({
    url: new URL(endpoint),
    get tls() {
      return destination.tls();
    },
    maxConnections: MAX_IN_FLIGHT,
    untraced,
    ...(agent === undefined ? {} : { agent }),
  });
  connections.add(client);
  const complete = (known: Headers): Headers =>
    requestHeaders({ headers: known, compression }, encoding.contentType, USER_AGENT);
  return {
    deliver: createHttpDelivery({
      encoding,
      client,
      compression,
      headers: typeof headers === 'function' ? async () => complete(await headers()) : complete(headers),
    }),
    finalDelivery: finalRequests(encoding, (body) => ({
      protocol: 'http',
      url: endpoint,
      headers: complete(latestHeaders()),
      gzip: compression === 'gzip',
      ...destination.tls(),
      body,
    })),
  };
}

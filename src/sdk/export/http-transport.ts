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
 * Requests under way at once. One batch a round trip would cap a backend 100 ms away at 5 120 spans a second; ten, the
 * number of consumers of the OpenTelemetry Collector's own sending queue, lift that to 51 200.
 */
export const MAX_IN_FLIGHT = 10;

export const USER_AGENT: string = `${DISTRIBUTION_NAME}/${VERSION}`;

/** Where one signal goes over HTTP. What may become known or change later is asked for. */
export interface HttpDestination {
  readonly endpoint: string;
  readonly compression: OtlpConfig['compression'];
  /** Besides those that follow from the body. A function is asked at each delivery; one that rejects makes it fail. */
  readonly headers: Headers | (() => Promise<Headers>);
  /** What is known of them now: the end of the process cannot wait. */
  readonly latestHeaders: () => Headers;
  /** The same of certificates. */
  readonly tls: () => TlsFiles;
  /** Connections to use, in place of our own. */
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

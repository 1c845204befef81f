import { diag } from '@opentelemetry/api';
import type { OtlpConfig } from '../../config/config.ts';
import { DISTRIBUTION_NAME, VERSION } from '../../config/distribution.ts';
import { classifyExitAnswer } from '../../exit/classify-exit-answer.ts';
import type { ExitRequest } from '../../exit/exit-request.ts';
import type { FinalDelivery } from '../../exit/final-export.ts';
import { encodeBatch } from '../../otlp/encode-batch.ts';
import { GrpcClient } from '../../otlp/grpc-client.ts';
import { createGrpcDelivery } from '../../otlp/grpc-delivery.ts';
import { findGrpcTarget } from '../../otlp/grpc-target.ts';
import { HttpClient } from '../../otlp/http-client.ts';
import { createHttpDelivery, requestHeaders } from '../../otlp/http-delivery.ts';
import type { OtlpEncoding } from '../../otlp/otlp-encoding.ts';
import { withInvalid } from '../../outbox/delivery.ts';
import { readTlsFiles } from '../../otlp/tls-files.ts';
import { untraced } from '../../otlp/untraced.ts';
import { messageOf } from '../../values/to-error.ts';
import type { Connections } from './connections.ts';
import type { SignalKind } from './signal-kinds.ts';
import type { Transport } from './transport.ts';

/**
 * Requests under way at once. One batch a round trip would cap a backend 100 ms away at 5 120 spans a second; ten, the
 * number of consumers of the OpenTelemetry Collector's own sending queue, lift that to 51 200.
 */
export const MAX_IN_FLIGHT = 10;

const USER_AGENT = `${DISTRIBUTION_NAME}/${VERSION}`;

/** To one signal's OTLP endpoint; undefined, with one line, where a package for gRPC is missing. */
export function otlpTransport<T>(
  signal: SignalKind<T>,
  otlp: OtlpConfig,
  connections: Connections,
): Transport<T> | undefined {
  if (otlp.protocol !== 'grpc') return overHttp(otlp, signal.encoding(otlp.protocol), connections);
  try {
    return overGrpc(signal, otlp, connections);
  } catch (error) {
    diag.error(`${messageOf(error)}; ${signal.noun} are not exported`);
    return undefined;
  }
}

function overHttp<T>(otlp: OtlpConfig, encoding: OtlpEncoding<T>, connections: Connections): Transport<T> {
  const tls = readTlsFiles(otlp, (message) => diag.warn(message));
  const client = new HttpClient({ url: new URL(otlp.endpoint), tls, maxConnections: MAX_IN_FLIGHT, untraced });
  connections.add(client);
  const { compression } = otlp;
  const headers = requestHeaders(otlp, encoding.contentType, USER_AGENT);
  return {
    deliver: createHttpDelivery({ encoding, client, compression, headers }),
    finalDelivery: finalRequests(encoding, (body) => ({
      protocol: 'http',
      url: otlp.endpoint,
      headers,
      gzip: compression === 'gzip',
      ...tls,
      body,
    })),
  };
}

/** @throws Error that names the package to install */
function overGrpc<T>(signal: SignalKind<T>, otlp: OtlpConfig, connections: Connections): Transport<T> {
  const target = findGrpcTarget(signal.grpc, otlp);
  const encoding = signal.encoding('http/protobuf');
  const client = new GrpcClient(target, USER_AGENT);
  connections.add(client);
  return {
    deliver: createGrpcDelivery({ encoding, client, untraced }),
    finalDelivery: finalRequests(encoding, (body) => ({ protocol: 'grpc', ...target, body })),
  };
}

function finalRequests<T>(
  encoding: OtlpEncoding<T>,
  toRequest: (body: Uint8Array) => ExitRequest,
): (items: readonly T[]) => FinalDelivery {
  return (items) => {
    const encoded = encodeBatch(encoding, items);
    if (encoded.status === 'invalid') return { kind: 'sync', deliver: () => encoded };
    return {
      kind: 'request',
      request: toRequest(encoded.bytes),
      classify: (answer) => withInvalid(classifyExitAnswer(answer, encoding), encoded.invalid),
    };
  };
}

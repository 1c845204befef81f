import { diag } from '@opentelemetry/api';
import type { OtlpConfig } from '../../config/config.ts';
import { GrpcClient } from '../../otlp/grpc-client.ts';
import { createGrpcDelivery } from '../../otlp/grpc-delivery.ts';
import { findGrpcTarget } from '../../otlp/grpc-target.ts';
import { readTlsFiles } from '../../otlp/tls-files.ts';
import { untraced } from '../../otlp/untraced.ts';
import { messageOf } from '../../values/thrown.ts';
import type { Connections } from './connections.ts';
import { finalRequests } from './final-requests.ts';
import { type HttpDestination, httpTransport, USER_AGENT } from './http-transport.ts';
import type { SignalKind } from './signal-kinds.ts';
import type { Transport } from './transport.ts';

/** To one signal's OTLP endpoint. If a package for gRPC is missing, it reports that in one line and returns undefined. */
export function otlpTransport<T>(
  signal: SignalKind<T>,
  otlp: OtlpConfig,
  connections: Connections,
): Transport<T> | undefined {
  if (otlp.protocol !== 'grpc')
    return httpTransport(configuredDestination(otlp), signal.encoding(otlp.protocol), connections);
  try {
    return overGrpc(signal, otlp, connections);
  } catch (error) {
    diag.error(`${messageOf(error)}; ${signal.noun} are not exported`);
    return undefined;
  }
}

/** The destination from the variables or the configuration file. */
export function configuredDestination(otlp: OtlpConfig): HttpDestination {
  const tls = readTlsFiles(otlp, (message) => diag.warn(message));
  const { endpoint, compression, headers } = otlp;
  return { endpoint, compression, headers, latestHeaders: () => headers, tls: () => tls };
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
